    // Compositions and layers; what was made before is found again by its comment.
    var FPS = 25;
    var MAX_FRAMES = 3 * 3600 * FPS;
    var MARK = "mediaflow ";

    // First frame of the composition that is being built: one longer than three hours is parted.
    var origin = 1;

    function seconds(frame) {
        return (frame - origin) / FPS;
    }

    function transformOf(layer, name) {
        return layer.property("ADBE Transform Group").property("ADBE " + name);
    }

    function itemOf(tag) {
        var index;
        for (index = 1; index <= app.project.numItems; index += 1) {
            if (app.project.item(index).comment === MARK + tag) {
                return app.project.item(index);
            }
        }
        return null;
    }

    function layerOf(comp, tag) {
        var index;
        for (index = 1; index <= comp.numLayers; index += 1) {
            if (comp.layer(index).comment === MARK + tag) {
                return comp.layer(index);
            }
        }
        return null;
    }

    // Layers made before whose tag begins with `kind` and is not one of `kept`.
    function removeOthers(comp, kind, kept) {
        var index, tag;
        for (index = comp.numLayers; index >= 1; index -= 1) {
            tag = comp.layer(index).comment;
            if (tag.indexOf(MARK + kind) === 0 && !kept.hasOwnProperty(tag.substring(MARK.length))) {
                comp.layer(index).remove();
            }
        }
    }

    function footageOf(file) {
        var tag = "footage " + file.fsName;
        var found = itemOf(tag);
        if (!found) {
            found = app.project.importFile(new ImportOptions(file));
            found.comment = MARK + tag;
        }
        return found;
    }

    function newComp(name, width, height, aspect, frames) {
        return app.project.items.addComp(name, width, height, aspect, frames / FPS, FPS);
    }

    function compOf(tag, name, width, height, frames) {
        var comp = itemOf(tag);
        if (!comp) {
            comp = newComp(name, width, height, 1, frames);
            comp.comment = MARK + tag;
        }
        comp.duration = frames / FPS;
        return comp;
    }

    function addFootage(comp, footage) {
        var layer = comp.layers.add(footage);
        if (origin > 1) {
            layer.startTime = seconds(1);
            layer.inPoint = 0;
            layer.outPoint = comp.duration;
        }
        return layer;
    }

    function nullLayer(comp, name, first, last) {
        var layer = comp.layers.addNull(comp.duration);
        layer.name = name;
        layer.enabled = false;
        layer.inPoint = seconds(first);
        layer.outPoint = seconds(last + 1);
        return layer;
    }

    function marker(text, first, last) {
        var value = new MarkerValue(text);
        value.duration = (last - first + 1) / FPS;
        value.cuePointName = "mediaflow";
        return value;
    }

    // Markers that somebody set by hand stay.
    function removeMarkers(property) {
        var index;
        for (index = property.numKeys; index >= 1; index -= 1) {
            if (property.keyValue(index).cuePointName === "mediaflow") {
                property.removeKey(index);
            }
        }
    }

    function removeKeys(property) {
        while (property.numKeys) {
            property.removeKey(property.numKeys);
        }
    }

    function clipped(run, part) {
        var first = run[0] > part[0] ? run[0] : part[0];
        var last = run[1] < part[1] ? run[1] : part[1];
        return first <= last ? [first, last] : null;
    }

    // First and last frames of the compositions that hold a video, cut where a scene starts if that is possible.
    function partsOf(total, starts) {
        var parts = [];
        var first = 1;
        var limit, cut, index;
        while (total - first + 1 > MAX_FRAMES) {
            limit = first + MAX_FRAMES;
            cut = 0;
            for (index = 0; index < starts.length; index += 1) {
                if (starts[index] >= limit - MAX_FRAMES / 2 && starts[index] <= limit && starts[index] > cut) {
                    cut = starts[index];
                }
            }
            cut = cut || limit;
            parts.push([first, cut - 1]);
            first = cut;
        }
        parts.push([first, total]);
        return parts;
    }
