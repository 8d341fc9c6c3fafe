// The objects of After Effects that the scripts use, as its scripting guide describes them, in an engine from which
// everything newer than ECMAScript 3 is taken away: ExtendScript has none of it. Whatever the guide does not have is
// an error here, whether it is read, set or called.
var seen = { alerts: [], dialogs: [], undo: [], composition: null, all: [], imported: [], removed: 0, windows: [] };
var strict = (function () {
    var Guard = Proxy, has = Object.prototype.hasOwnProperty;
    var own = { toString: true, valueOf: true, constructor: true, toJSON: true, length: true };
    return function (object, kind) {
        return new Guard(object, {
            get: function (target, name) {
                if (!(name in target) && typeof name === "string" && !has.call(own, name)) {
                    throw new Error(kind + " has no " + name);
                }
                return target[name];
            },
            set: function (target, name, value) {
                if (!(name in target)) { throw new Error(kind + " has no " + name + " to set"); }
                target[name] = value;
                return true;
            }
        });
    };
}());
(function () {
    var old = [ // ECMA-262, 3rd edition, 15
        [Array.prototype, "concat join pop push reverse shift slice sort splice unshift"],
        [String.prototype, "charAt charCodeAt concat indexOf lastIndexOf localeCompare match replace search slice split " +
            "substring toLowerCase toUpperCase"],
        [String, "fromCharCode"], [Array, ""], [Function.prototype, "apply call"], [Number.prototype, "toFixed toPrecision"],
        [Object.prototype, "hasOwnProperty isPrototypeOf propertyIsEnumerable"], [Object, ""], [Date, "parse UTC"],
        [RegExp.prototype, "exec test"],
        [Math, "E PI SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow random round sin sqrt tan"]
    ];
    var always = /^(length|name|arguments|caller|prototype|constructor|toString|toLocaleString|valueOf|message|lastIndex|__proto__|source|global|ignoreCase|multiline|flags|hasIndices|dotAll|unicode|sticky|stack|isView)$/;
    var globals = /^(Array|Boolean|Date|Error|EvalError|Function|Infinity|Math|NaN|Number|Object|RangeError|ReferenceError|RegExp|String|SyntaxError|TypeError|URIError|undefined|decodeURI|decodeURIComponent|encodeURI|encodeURIComponent|eval|isFinite|isNaN|parseFloat|parseInt|dukpy|seen|strict|globalThis)$/;
    var names, i, k;
    var own = Object.getOwnPropertyNames, exec = RegExp.prototype.exec;
    for (i = 0; i < old.length; i += 1) {
        names = own(old[i][0]);
        for (k = 0; k < names.length; k += 1) {
            if ((" " + old[i][1] + " ").indexOf(" " + names[k] + " ") < 0 && !exec.call(always, names[k])) {
                delete old[i][0][names[k]];
            }
        }
    }
    names = own(this);
    for (i = 0; i < names.length; i += 1) {
        if (!exec.call(globals, names[i])) { delete this[names[i]]; }
    }
}());

var $ = strict({ fileName: dukpy["script"] }, "$");
var disk = dukpy["files"] || {}; // path to text; a folder is the beginning of a path
if (dukpy["exists"]) { disk[dukpy["exists"]] = ""; }

function decoded(path) { return path.replace(/(%[0-9a-f]{2})+/gi, decodeURIComponent); } // a path may be a URI there

function File(path) {
    this.fsName = decoded(path);
    this.name = encodeURI(this.fsName.substring(this.fsName.lastIndexOf("/") + 1));
    this.exists = disk.hasOwnProperty(this.fsName);
    this.encoding = "BINARY";
    this.parent = { fsName: this.fsName.substring(0, this.fsName.lastIndexOf("/")) };
    this.opened = false;
    return strict(this, "File");
}
File.prototype.open = function (mode) { this.opened = mode === "r" && this.exists; return this.opened; };
File.prototype.read = function () {
    if (!this.opened) { throw new Error("the file is not open"); }
    return this.encoding === "UTF-8" ? disk[this.fsName] : "?" + disk[this.fsName];
};
File.prototype.close = function () { this.opened = false; return true; };
File.openDialog = function (text) { seen.dialogs.push(text); return null; };

function Folder(path) {
    this.fsName = path;
    this.name = encodeURI(path.substring(path.lastIndexOf("/") + 1));
    return strict(this, "Folder");
}
Folder.prototype.getFiles = function () {
    var found = [], known = {}, path, rest;
    for (path in disk) {
        if (path.indexOf(this.fsName + "/") === 0) {
            rest = path.substring(this.fsName.length + 1).split("/");
            if (rest.length === 1) { found.push(new File(path.replace(/%/g, "%25"))); }
            else if (!known.hasOwnProperty(rest[0])) {
                known[rest[0]] = true;
                found.push(new Folder(this.fsName + "/" + rest[0]));
            }
        }
    }
    return found;
};
Folder.selectDialog = function (text) { return dukpy["folder"] ? new Folder(dukpy["folder"]) : null; };

function alert(text) { seen.alerts.push(text); }

function ImportOptions(file) { this.file = file; }
function MarkerValue(comment) {
    this.comment = comment;
    this.duration = 0;
    this.cuePointName = "";
    return strict(this, "MarkerValue");
}

function KeyframeEase(speed, influence) {
    if (influence < 0.1 || influence > 100) { throw new Error("influence"); }
    this.speed = speed;
    this.influence = influence;
}
var KeyframeInterpolationType = strict({ LINEAR: "linear", BEZIER: "bezier", HOLD: "hold" }, "KeyframeInterpolationType");
var ParagraphJustification = strict({ CENTER_JUSTIFY: "centre" }, "ParagraphJustification");

function TextDocument(text) { this.text = text; this.fontSize = 36; this.justification = "left"; }
function copyOf(value) { // After Effects hands text documents out and takes them in by value
    var copy, name;
    if (!(value instanceof TextDocument)) { return value; }
    copy = new TextDocument(value.text);
    for (name in value) { copy[name] = value[name]; }
    return strict(copy, "TextDocument");
}

function Property(value) {
    this.keys = [];
    this.still = value;
    this.eases = [];
    this.types = [];
    this.tangents = [];
    return strict(this, "Property");
}
Property.prototype = {
    get value() { return copyOf(this.keys.length ? this.keys[0][1] : this.still); },
    get numKeys() { return this.keys.length; },
    setValue: function (value) {
        if (this.keys.length) { throw new Error("a keyed property has no single value"); }
        this.still = copyOf(value);
    },
    setValueAtTime: function (time, value) {
        var at = 0;
        while (at < this.keys.length && this.keys[at][0] < time) { at += 1; }
        if (at < this.keys.length && this.keys[at][0] === time) { this.keys[at][1] = copyOf(value); return; }
        this.keys.splice(at, 0, [time, copyOf(value)]);
        this.types.splice(at, 0, ["linear", "linear"]);
        this.eases.splice(at, 0, null);
        this.tangents.splice(at, 0, null);
    },
    setValuesAtTimes: function (times, values) {
        if (times.length === 0 || times.length !== values.length) { throw new Error("times and values differ"); }
        for (var i = 0; i < times.length; i += 1) {
            if (i && times[i] <= times[i - 1]) { throw new Error("times do not rise"); }
            this.setValueAtTime(times[i], values[i]);
        }
    },
    known: function (key) {
        if (key < 1 || key > this.keys.length) { throw new Error("no such key: they count from 1"); }
    },
    keyValue: function (key) { this.known(key); return copyOf(this.keys[key - 1][1]); },
    removeKey: function (key) {
        this.known(key);
        this.keys.splice(key - 1, 1);
        this.types.splice(key - 1, 1);
        this.eases.splice(key - 1, 1);
        this.tangents.splice(key - 1, 1);
    },
    setSpatialTangentsAtKey: function (key, into, out) {
        this.known(key);
        this.tangents[key - 1] = [into, out];
    },
    setTemporalEaseAtKey: function (key, into, out) {
        this.known(key);
        if (into.length !== 1 || out.length !== 1) { throw new Error("a spatial property has one ease"); }
        this.eases[key - 1] = [into[0], out[0]];
        this.types[key - 1] = ["bezier", "bezier"];
    },
    setInterpolationTypeAtKey: function (key, into, out) {
        this.known(key);
        this.types[key - 1] = [into, out];
    }
};

function Layer(kind, text) {
    this.kind = kind;
    this.name = "";
    this.comment = "";
    this.enabled = true;
    this.audioEnabled = true;
    this.startTime = 0;
    this.inPoint = 0;
    this.outPoint = 0;
    this.under = null;
    this.id = 0;
    this.gone = null;
    this.markers = new Property(null);
    this.position = new Property([0, 0]);
    this.anchor = new Property([0, 0]);
    this.scale = new Property([100, 100]);
    this.opacity = new Property(100);
    this.text = text === undefined ? null : new Property(new TextDocument(text));
    return strict(this, "Layer");
}
Layer.prototype.property = function (name) {
    var known = {
        "Marker": this.markers, "ADBE Transform Group": this, "ADBE Anchor Point": this.anchor, "ADBE Scale": this.scale,
        "ADBE Position": this.position, "ADBE Opacity": this.opacity,
        "ADBE Text Properties": this.text && this, "ADBE Text Document": this.text
    };
    return known.hasOwnProperty(name) ? known[name] : null;
};
Layer.prototype.setParentWithJump = function (layer) { this.under = layer.name; };
Layer.prototype.remove = function () { this.gone(); };

var layerIds = 0;
function Composition(name, width, height, aspect, duration, rate) {
    var layers = [], comp;
    if (duration > 10800) { throw new Error("a composition has three hours at most"); }
    if (width !== Math.floor(width) || height !== Math.floor(height)) { throw new Error("whole pixels"); }
    this.name = name;
    this.comment = "";
    this.about = [name, width, height, aspect, duration, rate];
    this.duration = duration;
    this.all = layers;
    this.opened = false;
    this.markerProperty = new Property(null);
    function added(kind, text) {
        layerIds += 1;
        var layer = new Layer(kind, text);
        layer.id = layerIds;
        layer.gone = function () {
            for (var i = 0; i < layers.length; i += 1) {
                if (layers[i].id === layer.id) { layers.splice(i, 1); seen.removed += 1; return; }
            }
            throw new Error("the layer is gone");
        };
        layers.unshift(layer); // a new layer lies above the others
        return layer;
    }
    this.layers = strict({
        add: function (item) { return added("path" in item ? item.path : item.name); },
        addNull: function (length) { return added("null"); },
        addText: function (text) { return added("text", text); }
    }, "LayerCollection");
    comp = strict(this, "CompItem");
    return comp;
}
Composition.prototype = {
    get numLayers() { return this.all.length; },
    layer: function (index) {
        if (index < 1 || index > this.all.length) { throw new Error("layers count from 1"); }
        return this.all[index - 1];
    },
    openInViewer: function () { this.opened = true; }
};

var items = [];
var app = strict({
    project: strict({
        get numItems() { return items.length; },
        item: function (index) {
            if (index < 1 || index > items.length) { throw new Error("items count from 1"); }
            return items[index - 1];
        },
        importFile: function (options) {
            var footage = {
                path: options.file.fsName, name: options.file.name, comment: "", width: 1280, height: 720, pixelAspect: 1,
                duration: 2
            };
            seen.imported.push(footage.path);
            items.push(strict(footage, "FootageItem"));
            return items[items.length - 1];
        },
        items: strict({
            addComp: function (name, width, height, aspect, duration, rate) {
                var made = new Composition(name, width, height, aspect, duration, rate);
                seen.composition = seen.composition || made;
                seen.all.push(made);
                items.push(made);
                return made;
            }
        }, "ItemCollection")
    }, "Project"),
    beginUndoGroup: function (name) { seen.undo.push(name); },
    endUndoGroup: function () { seen.undo.push("end"); }
}, "Application");

// ScriptUI
function Control(type, text) {
    this.type = type;
    this.text = text || "";
    this.value = false;
    this.enabled = true;
    this.preferredSize = null;
    this.onClick = null;
    this.selection = null;
    this.items = [];
    this.children = [];
    this.index = 0;
    return strict(this, type);
}
Control.prototype.add = function (type, bounds, text, properties) {
    var allowed = { button: 1, listbox: 1, group: 1, checkbox: 1, statictext: 1 }, made;
    if (this.type === "listbox") {
        made = new Control("item", bounds);
        made.index = this.items.length;
        this.items.push(made);
        return made;
    }
    if (!allowed.hasOwnProperty(type)) { throw new Error("ScriptUI has no " + type); }
    made = new Control(type, type === "listbox" ? "" : text);
    this.children.push(made);
    return made;
};
Control.prototype.removeAll = function () { this.items.splice(0, this.items.length); };

function Panel() { this.type = "panel"; this.children = []; this.laidOut = false; this.layout = windowLayout(this); }
function Window(type, title) {
    if (type !== "palette") { throw new Error("only a palette stays open beside the program"); }
    this.type = "window";
    this.title = title;
    this.children = [];
    this.shown = false;
    this.layout = windowLayout(this);
    seen.windows.push(this);
}
function windowLayout(window) {
    return { layout: function (recursive) { window.laidOut = recursive; } };
}
Panel.prototype.add = Window.prototype.add = Control.prototype.add;
Window.prototype.center = function () { return this; };
Window.prototype.show = function () { this.shown = true; };
