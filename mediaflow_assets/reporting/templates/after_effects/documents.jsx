    // The documents of a delivery. Old hosts know no JSON, and nothing that was received is run as a script.

    function readText(file) {
        var text;
        file.encoding = "UTF-8";
        if (!file.open("r")) {
            throw new Error(file.fsName + ": cannot be read. Check the disk and its permissions.");
        }
        text = file.read();
        file.close();
        return text.replace(/^\uFEFF/, "");
    }

    function unescaped(text) {
        var letters = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
        return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, function (whole, what) {
            if (what.length === 5) {
                return String.fromCharCode(parseInt(what.substring(1), 16));
            }
            return letters.hasOwnProperty(what) ? letters[what] : what;
        });
    }

    function parseJson(text) {
        var tokens = /\s*(?:([{}\[\]:,])|(true|false|null)|(-?\d+(?:\.\d+)?(?:[eE][+\-]?\d+)?)|"([^"\\]*(?:\\[\s\S][^"\\]*)*)")\s*/g;
        var token;

        function fail() {
            throw new Error("It is not JSON near character " + tokens.lastIndex + ".");
        }

        function advance() {
            var from = tokens.lastIndex;
            token = tokens.exec(text);
            if (!token || token.index !== from) {
                fail();
            }
        }

        function string() {
            if (token[1] || token[2] || token[3]) {
                fail();
            }
            return unescaped(token[4] || "");
        }

        // From an opening bracket to the closing one; each member begins at its first token and ends at its last.
        function members(close, member) {
            advance();
            while (token[1] !== close) {
                member();
                advance();
                if (token[1] === ",") {
                    advance();
                    if (token[1] === close) {
                        fail();
                    }
                } else if (token[1] !== close) {
                    fail();
                }
            }
        }

        function value() {
            var found;
            if (token[1] === "{") {
                found = {};
                members("}", function () {
                    var name = string();
                    advance();
                    if (token[1] !== ":") {
                        fail();
                    }
                    advance();
                    found[name] = value();
                });
                return found;
            }
            if (token[1] === "[") {
                found = [];
                members("]", function () {
                    found.push(value());
                });
                return found;
            }
            if (token[2]) {
                return token[2] === "null" ? null : token[2] === "true";
            }
            return token[3] ? parseFloat(token[3]) : string();
        }

        advance();
        token = { result: value() };
        if (tokens.lastIndex !== text.length) {
            fail();
        }
        return token.result;
    }

    function readJson(file) {
        try {
            return parseJson(readText(file));
        } catch (error) {
            throw new Error(file.fsName + ": " + error.message + " Deliver the project again.");
        }
    }

    function plain(text) {
        return text.replace(/<[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
    }

    function secondsOf(clock) {
        var parts = clock.split(":");
        return (parseInt(parts[0], 10) * 60 + parseInt(parts[1], 10)) * 60 + parseFloat(parts[2]);
    }

    // WebVTT to [first frame, last frame, speaker, text]; lines of a text are parted as After Effects does.
    function parseCaptions(text) {
        var blocks = text.replace(/\r\n?/g, "\n").split(/\n\n+/);
        var found = [];
        var index, block, time, voice;
        for (index = 0; index < blocks.length; index += 1) {
            block = blocks[index];
            time = /(\d+:\d+:\d+\.\d+) --> (\d+:\d+:\d+\.\d+).*\n/.exec(block);
            if (time) {
                block = block.substring(time.index + time[0].length);
                voice = /^<v[. ]([^>]*)>/.exec(block);
                found.push([
                    Math.round(secondsOf(time[1]) * FPS) + 1, Math.round(secondsOf(time[2]) * FPS),
                    voice ? plain(voice[1]) : "", plain(block).replace(/\n+$/, "").replace(/\n/g, "\r")
                ]);
            }
        }
        return found;
    }

    // Names of `people.json`: face or voice to what people called it.
    function namesOf(people) {
        var names = {};
        var index, person, ids, id;
        for (index = 0; people && index < people.people.length; index += 1) {
            person = people.people[index];
            ids = person.faces.concat(person.voices);
            for (id = 0; person.name && id < ids.length; id += 1) {
                names[ids[id]] = person.name;
            }
        }
        return names;
    }
