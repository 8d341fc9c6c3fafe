    // Re-framing documents (reframe.json of a delivery) as compositions. Keys are taken over exactly: a cubic Hermite
    // curve is what After Effects plays between two keys with an influence of a third, so no frame is baked.

    function keyAt(frame, crop, easing, speed) {
        return { frame: frame, crop: crop, easing: easing || "hold", speed: speed || [0, 0] };
    }

    // The document's keys; where the whole content is fitted, with the rectangle around it.
    function keysOf(reframe) {
        var keys = [];
        var index, key, run, segment, shot, content, ratio, width, height;
        for (index = 0; index < reframe.keyframes.length; index += 1) {
            key = reframe.keyframes[index];
            keys.push(keyAt(key.frame, key.crop, key.easing, key.speed));
        }
        for (run = 0; run < reframe.segments.length; run += 1) {
            segment = reframe.segments[run];
            if (segment.layout === "fit" || (segment.layout === "split" && segment.why === "slides")) {
                ratio = reframe.output.width / reframe.output.height * (segment.layout === "fit" ? 1 : 2);
                for (shot = 0; reframe.shots[shot].last < segment.first;) {
                    shot += 1;
                }
                content = reframe.shots[shot].content;
                width = Math.max(content[2], content[3] * ratio);
                height = width / ratio;
                content = [
                    content[0] - (width - content[2]) / 2, content[1] - (height - content[3]) / 2, width, height
                ];
                for (index = 0; index < keys.length; index += 1) {
                    if (keys[index].frame >= segment.first && keys[index].frame <= segment.last) {
                        keys[index] = keyAt(keys[index].frame, content);
                    }
                }
            }
        }
        return keys;
    }

    // Where the path is at a frame, as a key of its own: a part of a cubic curve is a cubic curve.
    function keyWithin(keys, frame) {
        var index = 0;
        var crop = [];
        var speed = [];
        var before, after, span, u, axis, one, two;
        while (index + 1 < keys.length && keys[index + 1].frame <= frame) {
            index += 1;
        }
        before = keys[index];
        after = keys[index + 1];
        if (before.easing === "hold" || !after) {
            return keyAt(frame, before.crop);
        }
        span = after.frame - before.frame;
        u = (frame - before.frame) / span;
        crop = [0, 0, before.crop[2], before.crop[3]];
        for (axis = 0; axis < 2; axis += 1) {
            one = before.speed[axis] * span;
            two = after.speed[axis] * span;
            crop[axis] = (2 * u * u * u - 3 * u * u + 1) * before.crop[axis] + (u * u * u - 2 * u * u + u) * one +
                (3 * u * u - 2 * u * u * u) * after.crop[axis] + (u * u * u - u * u) * two;
            speed[axis] = ((6 * u * u - 6 * u) * before.crop[axis] + (3 * u * u - 4 * u + 1) * one +
                (6 * u - 6 * u * u) * after.crop[axis] + (3 * u * u - 2 * u) * two) / span;
        }
        return keyAt(frame, crop, "cubic", speed);
    }

    // The keys that play the frames of a part alone.
    function keysWithin(keys, part) {
        var found = [];
        var index, last;
        for (index = 0; index < keys.length; index += 1) {
            if (keys[index].frame >= part[0] && keys[index].frame <= part[1]) {
                found.push(keys[index]);
            }
        }
        if (!found.length || found[0].frame !== part[0]) {
            found.unshift(keyWithin(keys, part[0]));
        }
        last = found[found.length - 1];
        if (last.easing === "cubic" && last.frame < part[1]) {
            found.push(keyWithin(keys, part[1]));
        }
        return found;
    }

    // Anchor point and scale of a layer of which `keys` say what is seen.
    function keyLayer(layer, keys, width, scaleX, scaleY) {
        var anchor = transformOf(layer, "Anchor Point");
        var scale = transformOf(layer, "Scale");
        var types = KeyframeInterpolationType;
        var times = [];
        var anchors = [];
        var scales = [];
        var index, crop, speed, ease, before, after;
        for (index = 0; index < keys.length; index += 1) {
            crop = keys[index].crop;
            times.push(seconds(keys[index].frame));
            anchors.push([(crop[0] + crop[2] / 2) * scaleX, (crop[1] + crop[3] / 2) * scaleY]);
            scales.push([100 * width / crop[2] / scaleX, 100 * width / crop[2] / scaleY]);
        }
        removeKeys(anchor);
        removeKeys(scale);
        anchor.setValuesAtTimes(times, anchors);
        scale.setValuesAtTimes(times, scales);
        for (index = 0; index < keys.length; index += 1) {
            speed = keys[index].speed;
            anchor.setSpatialTangentsAtKey(index + 1, [0, 0], [0, 0]);
            ease = new KeyframeEase(Math.sqrt(speed[0] * speed[0] + speed[1] * speed[1]) * FPS * scaleX, 100 / 3);
            anchor.setTemporalEaseAtKey(index + 1, [ease], [ease]);
        }
        // Last: touching an ease makes a key Bezier again.
        for (index = 0; index < keys.length; index += 1) {
            before = index && keys[index - 1].easing === "cubic" ? types.BEZIER : types.HOLD;
            after = keys[index].easing === "cubic" ? types.BEZIER : types.HOLD;
            anchor.setInterpolationTypeAtKey(index + 1, before, after);
            scale.setInterpolationTypeAtKey(index + 1, types.HOLD, types.HOLD);
        }
    }

    // Split screens lie above the footage, which is not seen beside a slide.
    function hideDuring(layer, panels, part) {
        var opacity = transformOf(layer, "Opacity");
        var index, run;
        removeKeys(opacity);
        for (index = 0; index < panels.length; index += 1) {
            run = clipped([panels[index].first, panels[index].last], part);
            if (run) {
                if (!opacity.numKeys && run[0] > part[0]) {
                    opacity.setValueAtTime(0, 100);
                }
                opacity.setValueAtTime(seconds(run[0]), 0);
                if (run[1] < part[1]) {
                    opacity.setValueAtTime(seconds(run[1] + 1), 100);
                }
            }
        }
        for (index = 1; index <= opacity.numKeys; index += 1) {
            opacity.setInterpolationTypeAtKey(index, KeyframeInterpolationType.HOLD, KeyframeInterpolationType.HOLD);
        }
    }

    // A layer below the null that is for corrections by hand, `x, y` from the middle of the composition.
    function below(nudge, layer, x, y) {
        layer.setParentWithJump(nudge);
        transformOf(layer, "Position").setValue([x, y]);
    }

    // Whatever is moved by hand is moved here: the keys stay as they were planned, and this stays when they change.
    function nudgeOf(comp, width, height) {
        var layer = layerOf(comp, "nudge");
        if (!layer) {
            layer = nullLayer(comp, "nudge", origin, origin + Math.round(comp.duration * FPS) - 1);
            layer.comment = MARK + "nudge";
            transformOf(layer, "Anchor Point").setValue([0, 0]);
            transformOf(layer, "Position").setValue([width / 2, height / 2]);
        }
        return layer;
    }

    function addPanel(comp, nudge, tag, name, reframe, split, keys, footage, y) {
        var half = compOf(
            tag + " " + name + " " + split.first, comp.name + " " + name + " " + split.first, reframe.output.width,
            reframe.output.height / 2, split.last - split.first + 1
        );
        var whole = origin;
        var layer = layerOf(half, "footage");
        origin = split.first;
        if (!layer) {
            layer = addFootage(half, footage);
            layer.comment = MARK + "footage";
        }
        keyLayer(
            layer, keysWithin(keys, [split.first, split.last]), reframe.output.width,
            footage.width / reframe.source.width, footage.height / reframe.source.height
        );
        transformOf(layer, "Position").setValue([reframe.output.width / 2, reframe.output.height / 4]);
        origin = whole;
        layer = comp.layers.add(half);
        layer.comment = MARK + "split " + name + " " + split.first;
        layer.audioEnabled = false;
        layer.startTime = seconds(split.first);
        below(nudge, layer, 0, y);
    }

    function addMarkers(layer, reframe, names, part) {
        var markers = layer.property("Marker");
        var index, segment, run, who, voices, person;
        removeMarkers(markers);
        for (index = 0; index < reframe.segments.length; index += 1) {
            segment = reframe.segments[index];
            run = clipped([segment.first, segment.last], part);
            if (run) {
                who = [];
                voices = [];
                for (person = 0; person < segment.faces.length; person += 1) {
                    who.push(named(names, segment.faces[person]));
                }
                for (person = 0; person < segment.speakers.length; person += 1) {
                    voices.push(named(names, segment.speakers[person]));
                }
                who = (who.join(" + ") || segment.layout) + (voices.length ? " - " + voices.join(", ") : "");
                markers.setValueAtTime(seconds(run[0]), marker(who + " (" + segment.why + ")", run[0], run[1]));
            }
        }
    }

    // A name tag for each person, below the person: where it is within the picture is in its anchor point.
    function addNames(comp, reframe, names, part) {
        var width = reframe.output.width;
        var shown = {};
        var order = [];
        var kept = {};
        var index, segment, person, id, tag, layer, times, anchors, anchor;
        for (index = 0; index < reframe.segments.length; index += 1) {
            segment = reframe.segments[index];
            for (person = 0; person < segment.faces.length && clipped([segment.first, segment.last], part); person += 1) {
                id = segment.faces[person];
                if (!shown.hasOwnProperty(id) && order.length < MAX_NAMES) {
                    shown[id] = [];
                    order.push(id);
                    kept["name " + id] = true;
                }
                if (shown.hasOwnProperty(id)) {
                    shown[id].push([
                        segment.first, segment.last, named(names, id),
                        segment.layout === "split" ? width / 2 : width * (person + 0.5) / segment.faces.length
                    ]);
                }
            }
        }
        removeOthers(comp, "name ", kept);
        for (index = 0; index < order.length; index += 1) {
            id = order[index];
            tag = "name " + id;
            layer = textLayer(comp, tag, named(names, id), width, reframe.output.height, 0.7,
                Math.round(reframe.output.width / 20));
            keyText(layer, shown[id], part);
            times = [];
            anchors = [];
            for (person = 0; person < shown[id].length; person += 1) {
                times.push(seconds(Math.max(shown[id][person][0], part[0])));
                anchors.push([width / 2 - shown[id][person][3], 0]);
            }
            anchor = transformOf(layer, "Anchor Point");
            removeKeys(anchor);
            anchor.setValuesAtTimes(times, anchors);
            for (person = 0; person < times.length; person += 1) {
                anchor.setInterpolationTypeAtKey(
                    person + 1, KeyframeInterpolationType.HOLD, KeyframeInterpolationType.HOLD
                );
            }
        }
    }

    // Build the compositions of a re-framing, or bring those that there are up to date.
    // `wanted`: names ({id: name}), captions, markers, tags: what is added.
    function buildReframe(title, reframe, footage, wanted) {
        var label = reframe.aspect.replace(":", "x");
        var keys = keysOf(reframe);
        var starts = [];
        var width = reframe.output.width;
        var height = reframe.output.height;
        var index, parts, number, part, suffix, tag, comp, layer, nudge, split;
        for (index = 0; index < reframe.shots.length; index += 1) {
            starts.push(reframe.shots[index].first);
        }
        parts = partsOf(reframe.total_frames, starts);
        for (number = 0; number < parts.length; number += 1) {
            part = parts[number];
            origin = part[0];
            suffix = parts.length > 1 ? " part " + (number + 1) : "";
            tag = label + suffix + " of " + footage.comment;
            comp = compOf(tag, title + " " + label + suffix, width, height, part[1] - part[0] + 1);
            layer = layerOf(comp, "footage");
            if (!layer) {
                layer = addFootage(comp, footage);
                layer.comment = MARK + "footage";
            }
            keyLayer(
                layer, keysWithin(keys, part), width, footage.width / reframe.source.width,
                footage.height / reframe.source.height
            );
            nudge = nudgeOf(comp, width, height);
            below(nudge, layer, 0, 0);
            hideDuring(layer, reframe.panels || [], part);
            if (wanted.markers) {
                addMarkers(layer, reframe, wanted.names, part);
            }
            removeOthers(comp, "split ", {});
            for (index = 0; reframe.panels && index < reframe.panels.length; index += 1) {
                split = reframe.panels[index];
                if (clipped([split.first, split.last], part)) {
                    addPanel(comp, nudge, tag, "upper", reframe, split, keys, footage, -height / 4);
                    addPanel(comp, nudge, tag, "lower", reframe, split, lowerKeys(split), footage, height / 4);
                }
            }
            if (wanted.tags) {
                addNames(comp, reframe, wanted.names, part);
            }
            if (wanted.captions) {
                addCaptions(comp, wanted.captions, wanted.names, part, width, height);
            }
        }
    }

    function lowerKeys(split) {
        var keys = [];
        var index, key;
        for (index = 0; index < split.lower.length; index += 1) {
            key = split.lower[index];
            keys.push(keyAt(key.frame, key.crop, key.easing, key.speed));
        }
        return keys;
    }
