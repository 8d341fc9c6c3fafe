// The objects of After Effects that the script uses, as its scripting guide describes them, in an
// engine from which everything newer than ECMAScript 3 is taken away: ExtendScript has none of it.
(function () {
    var newer = [
        [Array.prototype, ["forEach", "map", "filter", "indexOf", "lastIndexOf", "some", "every", "reduce", "find"]],
        [String.prototype, ["trim", "repeat", "startsWith", "endsWith", "includes", "padStart"]],
        [Function.prototype, ["bind"]], [Array, ["isArray", "from", "of"]], [Date, ["now"]],
        [Object, ["keys", "create", "assign", "freeze", "defineProperty", "getPrototypeOf"]],
        [this, ["JSON", "Promise", "Symbol", "Map", "Set", "console", "setTimeout"]]
    ];
    for (var i = 0; i < newer.length; i += 1) {
        for (var k = 0; k < newer[i][1].length; k += 1) { delete newer[i][0][newer[i][1][k]]; }
    }
}());

var seen = { alerts: [], dialogs: [], undo: [], composition: null, all: [] };
var $ = { fileName: dukpy["script"] };

function File(path) {
    this.fsName = path.replace(/(%[0-9a-f]{2})+/gi, decodeURIComponent); // a path may be a URI there
    this.exists = this.fsName === dukpy["exists"];
    this.parent = { fsName: this.fsName.substring(0, this.fsName.lastIndexOf("/")) };
}
File.openDialog = function (text) { seen.dialogs.push(text); return null; };

function alert(text) { seen.alerts.push(text); }

function ImportOptions(file) { this.file = file; }
function MarkerValue(comment) { this.comment = comment; this.duration = 0; }

function KeyframeEase(speed, influence) {
    if (influence < 0.1 || influence > 100) { throw new Error("influence"); }
    this.speed = speed;
    this.influence = influence;
}
var KeyframeInterpolationType = { LINEAR: "linear", BEZIER: "bezier", HOLD: "hold" };

function Property() { this.keys = []; this.value = null; this.eases = []; this.types = []; this.tangents = []; }
Property.prototype.setValue = function (value) { this.value = value; };
Property.prototype.setValueAtTime = function (time, value) { this.keys.push([time, value]); };
Property.prototype.setValuesAtTimes = function (times, values) {
    if (times.length === 0 || times.length !== values.length) { throw new Error("times and values differ"); }
    for (var i = 0; i < times.length; i += 1) {
        if (i && times[i] <= times[i - 1]) { throw new Error("times do not rise"); }
        this.keys.push([times[i], values[i]]);
        this.types.push(["linear", "linear"]);
    }
};
Property.prototype.known = function (key) {
    if (key < 1 || key > this.keys.length) { throw new Error("no such key: they count from 1"); }
};
Property.prototype.setSpatialTangentsAtKey = function (key, into, out) {
    this.known(key);
    this.tangents[key - 1] = [into, out];
};
Property.prototype.setTemporalEaseAtKey = function (key, into, out) {
    this.known(key);
    if (into.length !== 1 || out.length !== 1) { throw new Error("a spatial property has one ease"); }
    this.eases[key - 1] = [into[0], out[0]];
    this.types[key - 1] = ["bezier", "bezier"];
};
Property.prototype.setInterpolationTypeAtKey = function (key, into, out) {
    this.known(key);
    this.types[key - 1] = [into, out];
};

function Layer(kind) {
    this.kind = kind;
    this.markers = new Property();
    this.position = new Property();
    this.anchor = new Property();
    this.scale = new Property();
}
Layer.prototype.property = function (name) {
    if (name === "Marker") { return this.markers; }
    if (name === "ADBE Transform Group") { return this; }
    if (name === "ADBE Anchor Point") { return this.anchor; }
    if (name === "ADBE Scale") { return this.scale; }
    return name === "ADBE Position" ? this.position : null;
};

function Composition(name, width, height, aspect, duration, rate) {
    var layers = [];
    if (duration > 10800) { throw new Error("a composition has three hours at most"); }
    if (width !== Math.floor(width) || height !== Math.floor(height)) { throw new Error("whole pixels"); }
    this.name = name;
    this.about = [name, width, height, aspect, duration, rate];
    this.duration = duration;
    this.all = layers;
    this.markerProperty = new Property();
    this.layers = {
        add: function (item) { layers.push(new Layer(item.file || item.name)); return layers[layers.length - 1]; },
        addNull: function (length) { layers.push(new Layer("null")); return layers[layers.length - 1]; }
    };
}
Composition.prototype.openInViewer = function () { this.opened = true; };

var app = {
    project: {
        importFile: function (options) {
            return { file: options.file.fsName, width: 1280, height: 720, pixelAspect: 1, duration: 2 };
        },
        items: {
            addComp: function (name, width, height, aspect, duration, rate) {
                var made = new Composition(name, width, height, aspect, duration, rate);
                seen.composition = seen.composition || made;
                seen.all.push(made);
                return made;
            }
        }
    },
    beginUndoGroup: function (name) { seen.undo.push(name); },
    endUndoGroup: function () { seen.undo.push("end"); }
};
