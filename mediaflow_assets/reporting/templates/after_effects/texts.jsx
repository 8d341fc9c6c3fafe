    // Text layers that say something else from time to time. Their text is keyed, and where they are is not: what is
    // moved or styled by hand stays when they are written anew.
    var MAX_NAMES = 60;

    function textLayer(comp, tag, name, width, height, down, size) {
        var layer = layerOf(comp, tag);
        var text, style;
        if (layer) {
            return layer;
        }
        layer = comp.layers.addText(name);
        layer.name = name;
        layer.comment = MARK + tag;
        text = layer.property("ADBE Text Properties").property("ADBE Text Document");
        style = text.value;
        style.fontSize = size;
        style.justification = ParagraphJustification.CENTER_JUSTIFY;
        text.setValue(style);
        transformOf(layer, "Position").setValue([width / 2, height * down]);
        return layer;
    }

    // `said`: [first frame, last frame, text], in order of time.
    function keyText(layer, said, part) {
        var text = layer.property("ADBE Text Properties").property("ADBE Text Document");
        var value = text.value;
        var quiet = part[0];
        var index, run, key;
        // Where the text is empty its style may not be known.
        for (key = 1; key <= text.numKeys && !value.text; key += 1) {
            value = text.keyValue(key);
        }
        removeKeys(text);
        for (index = 0; index < said.length; index += 1) {
            run = clipped(said[index], part);
            if (run) {
                if (run[0] > quiet) {
                    value.text = "";
                    text.setValueAtTime(seconds(quiet), value);
                }
                value.text = said[index][2];
                text.setValueAtTime(seconds(run[0]), value);
                quiet = run[1] + 1;
            }
        }
        if (quiet <= part[1]) {
            value.text = "";
            text.setValueAtTime(seconds(quiet), value);
        }
    }

    function named(names, id) {
        return names.hasOwnProperty(id) ? names[id] : id;
    }

    // `captions`: [first frame, last frame, speaker, text]; one layer for each speaker.
    function addCaptions(comp, captions, names, part, width, height) {
        var said = {};
        var order = [];
        var kept = {};
        var index, item, tag, layer;
        for (index = 0; index < captions.length; index += 1) {
            item = captions[index];
            if (clipped(item, part)) {
                tag = "captions " + item[2];
                if (!kept.hasOwnProperty(tag)) {
                    kept[tag] = true;
                    said[tag] = [];
                    order.push([tag, item[2]]);
                }
                said[tag].push([item[0], item[1], item[3]]);
            }
        }
        removeOthers(comp, "captions ", kept);
        for (index = 0; index < order.length; index += 1) {
            tag = order[index][0];
            layer = textLayer(
                comp, tag, "captions " + named(names, order[index][1] || "?"), width, height, 0.8,
                Math.round(Math.min(width / 24, height / 18))
            );
            keyText(layer, said[tag], part);
        }
    }
