// Imports a delivered video with its scenes, speakers, faces and re-framings into After Effects.
// File > Scripts > Run Script File. The video is looked for beside this script, then where it was
// delivered, then asked for. Written by mediaflow-assets; ECMAScript 3.
(function () {
    var data = /* DATA */ null;

    // First frame of the composition that is being built: one longer than three hours is parted.
    var origin = 1;

    function seconds(frame) {
        return (frame - origin) / data.fps;
    }

    function videoFile() {
        var script = new File($.fileName);
        var places = [script.parent.fsName + "/" + data.file, data.delivered];
        var index, candidate;
        for (index = 0; index < places.length; index += 1) {
            // A path may be a URI here: %41 in a name would become A.
            candidate = new File(places[index].replace(/%/g, "%25"));
            if (places[index] && candidate.exists) {
                return candidate;
            }
        }
        return File.openDialog(data.file);
    }

    function marker(text, first, last) {
        var value = new MarkerValue(text);
        value.duration = (last - first + 1) / data.fps;
        return value;
    }

    function clipped(run, part) {
        var first = run[0] > part[0] ? run[0] : part[0];
        var last = run[1] < part[1] ? run[1] : part[1];
        return first <= last ? [first, last] : null;
    }

    function nullLayer(comp, name, first, last) {
        var layer = comp.layers.addNull(comp.duration);
        layer.name = name;
        layer.enabled = false;
        layer.inPoint = seconds(first);
        layer.outPoint = seconds(last + 1);
        return layer;
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

    function addScenes(comp, part) {
        var index, scene;
        for (index = 0; index < data.scenes.length; index += 1) {
            scene = clipped(data.scenes[index], part);
            if (scene) {
                comp.markerProperty.setValueAtTime(
                    seconds(scene[0]), marker("Scene " + (index + 1), scene[0], scene[1])
                );
            }
        }
    }

    function addTurns(comp, name, turns, part) {
        var layer = null;
        var index, turn;
        for (index = 0; index < turns.length; index += 1) {
            turn = clipped(turns[index], part);
            if (turn) {
                layer = layer || nullLayer(comp, name, part[0], part[1]);
                layer.property("Marker").setValueAtTime(seconds(turn[0]), marker(name, turn[0], turn[1]));
            }
        }
    }

    function addFace(comp, face, scaleX, scaleY, part) {
        var times = [];
        var values = [];
        var first = 0;
        var last = 0;
        var run, point, index, layer, frame;
        for (run = 0; run < face.runs.length; run += 1) {
            for (index = 0; index < face.runs[run][1].length; index += 1) {
                frame = face.runs[run][0] + index;
                if (frame >= part[0] && frame <= part[1]) {
                    point = face.runs[run][1][index];
                    times.push(seconds(frame));
                    values.push([point[0] * scaleX, point[1] * scaleY]);
                    first = first || frame;
                    last = frame;
                }
            }
        }
        if (times.length) {
            layer = nullLayer(comp, face.name, first, last);
            layer.property("ADBE Transform Group").property("ADBE Position").setValuesAtTimes(times, values);
        }
    }

    function newComp(name, width, height, aspect, frames) {
        return app.project.items.addComp(name, width, height, aspect, frames / data.fps, data.fps);
    }

    // Keys as they were planned: [frame, anchor x, anchor y, scale, speed, moves on]. With an influence of a
    // third, what is played between two keys is exactly the planned curve.
    function keyLayer(layer, keys, scaleX, scaleY) {
        var transform = layer.property("ADBE Transform Group");
        var anchor = transform.property("ADBE Anchor Point");
        var scale = transform.property("ADBE Scale");
        var types = KeyframeInterpolationType;
        var times = [];
        var anchors = [];
        var scales = [];
        var index, ease, before;
        for (index = 0; index < keys.length; index += 1) {
            times.push(seconds(keys[index][0]));
            anchors.push([keys[index][1] * scaleX, keys[index][2] * scaleY]);
            scales.push([keys[index][3] / scaleX, keys[index][3] / scaleY]);
        }
        anchor.setValuesAtTimes(times, anchors);
        scale.setValuesAtTimes(times, scales);
        for (index = 0; index < keys.length; index += 1) {
            anchor.setSpatialTangentsAtKey(index + 1, [0, 0], [0, 0]);
            ease = new KeyframeEase(keys[index][4] * data.fps * scaleX, 100 / 3);
            anchor.setTemporalEaseAtKey(index + 1, [ease], [ease]);
        }
        // Last: touching an ease makes a key Bezier again.
        for (index = 0; index < keys.length; index += 1) {
            before = index && keys[index - 1][5] ? types.BEZIER : types.HOLD;
            anchor.setInterpolationTypeAtKey(index + 1, before, keys[index][5] ? types.BEZIER : types.HOLD);
            scale.setInterpolationTypeAtKey(index + 1, types.HOLD, types.HOLD);
        }
    }

    function middle(layer, x, y) {
        layer.property("ADBE Transform Group").property("ADBE Position").setValue([x, y]);
    }

    function panel(comp, reframe, split, keys, name, footage, y) {
        var half = newComp(comp.name + " " + name + " " + split.first, reframe.width, reframe.height / 2, 1,
            split.last - split.first + 1);
        var whole = origin;
        var layer;
        origin = split.first;
        layer = addFootage(half, footage);
        keyLayer(layer, keys, footage.width / reframe.source[0], footage.height / reframe.source[1]);
        middle(layer, reframe.width / 2, reframe.height / 4);
        origin = whole;
        layer = comp.layers.add(half);
        layer.audioEnabled = false;
        layer.startTime = seconds(split.first);
        middle(layer, reframe.width / 2, y);
        return layer;
    }

    function addFramings(comp, layer, reframe, part) {
        var names = {};
        var order = [];
        var index, framing, run, text;
        for (index = 0; index < reframe.framings.length; index += 1) {
            framing = reframe.framings[index];
            run = clipped(framing, part);
            if (run) {
                text = framing[2] + (framing[3] ? " - " + framing[3] : "");
                layer.property("Marker").setValueAtTime(
                    seconds(run[0]), marker(text + " (" + framing[4] + ")", run[0], run[1])
                );
                if (!names.hasOwnProperty(text)) {
                    names[text] = [];
                    order.push(text);
                }
                names[text].push(run);
            }
        }
        for (index = 0; index < order.length && index < data.mostNames; index += 1) {
            addTurns(comp, order[index], names[order[index]], part);
        }
    }

    function addReframe(reframe, footage, part, number, suffix) {
        var comp = newComp(data.name + " " + reframe.label + suffix, reframe.width, reframe.height, 1,
            part[1] - part[0] + 1);
        var layer, nudge, index, split;
        layer = addFootage(comp, footage);
        keyLayer(
            layer, reframe.parts[number], footage.width / reframe.source[0], footage.height / reframe.source[1]
        );
        middle(layer, reframe.width / 2, reframe.height / 2);
        addFramings(comp, layer, reframe, part);
        // Whatever is moved by hand is moved here: the keys stay as they were planned.
        nudge = nullLayer(comp, "nudge", part[0], part[1]);
        middle(nudge, reframe.width / 2, reframe.height / 2);
        layer.parent = nudge;
        for (index = 0; index < reframe.panels.length; index += 1) {
            split = reframe.panels[index];
            if (clipped([split.first, split.last], part)) {
                panel(comp, reframe, split, split.upper, "upper", footage, reframe.height / 4).parent = nudge;
                panel(comp, reframe, split, split.lower, "lower", footage, reframe.height * 3 / 4).parent = nudge;
            }
        }
    }

    function build(file) {
        var footage = app.project.importFile(new ImportOptions(file));
        var scaleX = data.width ? footage.width / data.width : 1;
        var scaleY = data.height ? footage.height / data.height : 1;
        var first = null;
        var number, part, comp, index, suffix;
        for (number = 0; number < data.parts.length; number += 1) {
            part = data.parts[number];
            origin = part[0];
            suffix = data.parts.length > 1 ? " part " + (number + 1) : "";
            comp = newComp(
                data.name + suffix, footage.width, footage.height, footage.pixelAspect, part[1] - part[0] + 1
            );
            first = first || comp;
            addFootage(comp, footage);
            addScenes(comp, part);
            for (index = 0; index < data.speakers.length; index += 1) {
                addTurns(comp, data.speakers[index].name, data.speakers[index].turns, part);
            }
            for (index = 0; index < data.faces.length; index += 1) {
                addFace(comp, data.faces[index], scaleX, scaleY, part);
            }
            for (index = 0; index < data.reframes.length; index += 1) {
                addReframe(data.reframes[index], footage, part, number, suffix);
            }
        }
        first.openInViewer();
    }

    var file = videoFile();
    if (file) {
        app.beginUndoGroup("mediaflow: " + data.name);
        try {
            build(file);
        } finally {
            app.endUndoGroup();
        }
    }
}());
