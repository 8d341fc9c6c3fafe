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

var seen = { alerts: [], dialogs: [], undo: [], composition: null };
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

function Property() { this.keys = []; }
Property.prototype.setValueAtTime = function (time, value) { this.keys.push([time, value]); };
Property.prototype.setValuesAtTimes = function (times, values) {
    if (times.length === 0 || times.length !== values.length) { throw new Error("times and values differ"); }
    for (var i = 0; i < times.length; i += 1) {
        if (i && times[i] <= times[i - 1]) { throw new Error("times do not rise"); }
        this.keys.push([times[i], values[i]]);
    }
};

function Layer(kind) { this.kind = kind; this.markers = new Property(); this.position = new Property(); }
Layer.prototype.property = function (name) {
    if (name === "Marker") { return this.markers; }
    if (name === "ADBE Transform Group") { return this; }
    return name === "ADBE Position" ? this.position : null;
};

function Composition(name, width, height, aspect, duration, rate) {
    var layers = [];
    this.about = [name, width, height, aspect, duration, rate];
    this.duration = duration;
    this.all = layers;
    this.markerProperty = new Property();
    this.layers = {
        add: function (item) { layers.push(new Layer(item.file)); return layers[layers.length - 1]; },
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
                if (!(duration >= 0 && duration <= 10800)) { throw new Error("duration is out of range"); }
                seen.composition = new Composition(name, width, height, aspect, duration, rate);
                return seen.composition;
            }
        }
    },
    beginUndoGroup: function (name) { seen.undo.push(name); },
    endUndoGroup: function () { seen.undo.push("end"); }
};
