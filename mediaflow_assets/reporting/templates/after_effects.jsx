// Imports a delivered video with its scenes, speakers and faces into After Effects.
// File > Scripts > Run Script File. The video is looked for beside this script, then where it was
// delivered, then asked for. Written by mediaflow-assets; ECMAScript 3.
(function () {
    var data = /* DATA */ null;

    function seconds(frame) {
        return (frame - 1) / data.fps;
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

    function nullLayer(comp, name, first, last) {
        var layer = comp.layers.addNull(comp.duration);
        layer.name = name;
        layer.enabled = false;
        layer.inPoint = seconds(first);
        layer.outPoint = seconds(last + 1);
        return layer;
    }

    function addScenes(comp) {
        var index, scene;
        for (index = 0; index < data.scenes.length; index += 1) {
            scene = data.scenes[index];
            comp.markerProperty.setValueAtTime(seconds(scene[0]), marker("Scene " + (index + 1), scene[0], scene[1]));
        }
    }

    function addSpeaker(comp, speaker) {
        var turns = speaker.turns;
        var layer = nullLayer(comp, speaker.name, 1, data.frames);
        var index;
        for (index = 0; index < turns.length; index += 1) {
            layer.property("Marker").setValueAtTime(
                seconds(turns[index][0]), marker(speaker.name, turns[index][0], turns[index][1])
            );
        }
    }

    function addFace(comp, face, scaleX, scaleY) {
        var times = [];
        var values = [];
        var run, point, index, layer;
        for (run = 0; run < face.runs.length; run += 1) {
            for (index = 0; index < face.runs[run][1].length; index += 1) {
                point = face.runs[run][1][index];
                times.push(seconds(face.runs[run][0] + index));
                values.push([point[0] * scaleX, point[1] * scaleY]);
            }
        }
        run = face.runs[face.runs.length - 1];
        layer = nullLayer(comp, face.name, face.runs[0][0], run[0] + run[1].length - 1);
        layer.property("ADBE Transform Group").property("ADBE Position").setValuesAtTimes(times, values);
    }

    function build(file) {
        var footage = app.project.importFile(new ImportOptions(file));
        var comp = app.project.items.addComp(
            data.name, footage.width, footage.height, footage.pixelAspect, data.frames / data.fps, data.fps
        );
        var scaleX = data.width ? footage.width / data.width : 1;
        var scaleY = data.height ? footage.height / data.height : 1;
        var index;
        comp.layers.add(footage);
        addScenes(comp);
        for (index = 0; index < data.speakers.length; index += 1) {
            addSpeaker(comp, data.speakers[index]);
        }
        for (index = 0; index < data.faces.length; index += 1) {
            addFace(comp, data.faces[index], scaleX, scaleY);
        }
        comp.openInViewer();
        if (data.left_out) {
            alert("A composition of After Effects lasts three hours at most. The first three hours of " + data.file
                + " were imported; the last " + Math.ceil(data.left_out / data.fps) + " s were not.");
        }
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
