    // One delivered video: its scenes, speakers and faces, and its re-framings. The video is looked for beside this
    // script, then where it was delivered, then asked for.
    var data = /* DATA */ null;

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
            layer = nullLayer(comp, named(data.names, face.name), first, last);
            transformOf(layer, "Position").setValuesAtTimes(times, values);
        }
    }

    function build(file) {
        var footage = footageOf(file);
        var scaleX = data.width ? footage.width / data.width : 1;
        var scaleY = data.height ? footage.height / data.height : 1;
        var starts = [];
        var first = null;
        var number, parts, part, comp, index;
        for (index = 0; index < data.scenes.length; index += 1) {
            starts.push(data.scenes[index][0]);
        }
        parts = partsOf(data.frames, starts);
        for (number = 0; number < parts.length; number += 1) {
            part = parts[number];
            origin = part[0];
            comp = newComp(
                data.name + (parts.length > 1 ? " part " + (number + 1) : ""), footage.width, footage.height,
                footage.pixelAspect, part[1] - part[0] + 1
            );
            first = first || comp;
            addFootage(comp, footage);
            addScenes(comp, part);
            for (index = 0; index < data.speakers.length; index += 1) {
                addTurns(comp, named(data.names, data.speakers[index].name), data.speakers[index].turns, part);
            }
            for (index = 0; index < data.faces.length; index += 1) {
                addFace(comp, data.faces[index], scaleX, scaleY, part);
            }
            addCaptions(comp, data.captions, data.names, part, footage.width, footage.height);
        }
        for (index = 0; index < data.reframes.length; index += 1) {
            buildReframe(
                data.name, data.reframes[index], footage,
                { names: data.names, captions: data.captions, markers: true, tags: true }
            );
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
