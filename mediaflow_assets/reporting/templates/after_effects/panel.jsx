    // A panel that stays open: Window > mediaflow_panel.jsx when this file lies in the folder "ScriptUI Panels" of
    // After Effects, or File > Scripts > Run Script File. Choose a delivery, then build; build again after a new
    // delivery, and what was moved or styled by hand stays.

    var MAX_DEPTH = 8;

    function nameOf(file) {
        return decodeURI(file.name);
    }

    // Every re-framing below a folder: {stem, label, folder, file}.
    function reframingsIn(folder, depth, found) {
        var entries = folder.getFiles();
        var index, match;
        for (index = 0; index < entries.length; index += 1) {
            if (entries[index] instanceof Folder) {
                if (depth < MAX_DEPTH) {
                    reframingsIn(entries[index], depth + 1, found);
                }
            } else {
                match = /^(.+)_reframe_(\d+x\d+)\.json$/.exec(nameOf(entries[index]));
                if (match) {
                    found.push({ stem: match[1], label: match[2], folder: folder, file: entries[index] });
                }
            }
        }
        return found;
    }

    function beside(one, ending) {
        // A path may be a URI here: %41 in a name would become A.
        return new File((one.folder.fsName + "/" + one.stem + ending).replace(/%/g, "%25"));
    }

    function buildOne(one, options) {
        var video = beside(one, ".mp4");
        var people = beside(one, "_people.json");
        var captions = beside(one, "_captions.vtt");
        if (!video.exists) {
            throw new Error(video.fsName + ": is missing. Choose the folder to which the project was delivered.");
        }
        buildReframe(one.stem, readJson(one.file), footageOf(video), {
            names: namesOf(people.exists ? readJson(people) : null),
            captions: options.captions && captions.exists ? parseCaptions(readText(captions)) : null,
            markers: options.markers,
            tags: options.tags
        });
    }

    function panel(host) {
        var window = host instanceof Panel ? host : new Window("palette", "mediaflow", undefined, { resizeable: true });
        var found = [];
        var videos = [];
        var choose = window.add("button", undefined, "Choose a delivery...");
        var list = window.add("listbox", undefined, [], { multiselect: true });
        var shapes = window.add("group");
        var boxes = {};
        var extras = window.add("group");
        var captions = extras.add("checkbox", undefined, "Captions");
        var tags = extras.add("checkbox", undefined, "Names");
        var markers = extras.add("checkbox", undefined, "Markers");
        var build = window.add("button", undefined, "Build or update");
        var status = window.add("statictext", undefined, "", { multiline: true });
        var labels = ["9x16", "4x5", "1x1", "16x9"];
        var index;

        function show(text) {
            status.text = text;
        }

        list.preferredSize = [260, 120];
        status.preferredSize = [260, 48];
        for (index = 0; index < labels.length; index += 1) {
            boxes[labels[index]] = shapes.add("checkbox", undefined, labels[index].replace("x", ":"));
            boxes[labels[index]].enabled = false;
        }
        captions.value = true;
        tags.value = true;
        markers.value = true;
        build.enabled = false;
        show("Choose the folder of a delivered project.");

        function chosen() {
            var picked = {};
            var wanted = [];
            var at;
            for (at = 0; list.selection && at < list.selection.length; at += 1) {
                picked[list.selection[at].index] = true;
            }
            for (at = 0; at < found.length; at += 1) {
                // Nothing is selected: every video.
                if (boxes[found[at].label].value && (!list.selection || picked[found[at].video])) {
                    wanted.push(found[at]);
                }
            }
            return wanted;
        }

        choose.onClick = function () {
            var folder = Folder.selectDialog("The folder of a delivered project");
            var known = {};
            var at, key;
            if (!folder) {
                return;
            }
            found = reframingsIn(folder, 0, []);
            videos = [];
            list.removeAll();
            for (at = 0; at < labels.length; at += 1) {
                boxes[labels[at]].enabled = false;
                boxes[labels[at]].value = false;
            }
            for (at = 0; at < found.length; at += 1) {
                key = found[at].folder.fsName + "/" + found[at].stem;
                if (!known.hasOwnProperty(key)) {
                    known[key] = videos.length;
                    videos.push(key);
                    list.add("item", found[at].stem);
                }
                found[at].video = known[key];
                boxes[found[at].label].enabled = true;
                boxes[found[at].label].value = true;
            }
            build.enabled = found.length > 0;
            show(found.length ? videos.length + " video(s) in " + nameOf(folder)
                : "There is no re-framing in " + nameOf(folder) + ".");
        };

        build.onClick = function () {
            var wanted = chosen();
            var problems = [];
            var made = 0;
            var at;
            app.beginUndoGroup("mediaflow");
            try {
                for (at = 0; at < wanted.length; at += 1) {
                    try {
                        buildOne(wanted[at], { captions: captions.value, markers: markers.value, tags: tags.value });
                        made += 1;
                    } catch (error) {
                        problems.push(error.message);
                    }
                }
            } finally {
                app.endUndoGroup();
            }
            show(made + " of " + wanted.length + " re-framings are built." + (problems.length ? " " + problems.join(" ") : ""));
            if (problems.length) {
                alert(problems.join("\n\n"));
            }
        };

        if (window instanceof Window) {
            window.center();
            window.show();
        } else {
            window.layout.layout(true);
        }
    }

    panel(host);
