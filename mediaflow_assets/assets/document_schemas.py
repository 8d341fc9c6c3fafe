"""What is in each document, as Dagster shows it on its node: one row for each frame, object, word or key.

The contracts are in ``formats``; here is what somebody needs who opens a document from the catalog.
"""

import dagster as dg


def _schema(*columns: tuple[str, str, str]) -> dict[str, dg.TableSchema]:
    """Metadata of a definition; of each column its name, type and meaning."""
    described = [dg.TableColumn(name, kind, description=meaning) for name, kind, meaning in columns]
    return {"dagster/column_schema": dg.TableSchema(columns=described)}


SCENES = _schema(
    ("No", "int", "From 1"),
    ("Timecode In", "string", "Start of the first frame, HH:MM:SS.mmm"),
    ("Timecode Out", "string", "Start of the last frame, HH:MM:SS.mmm"),
    ("Frame In", "int", "1-based, included"),
    ("Frame Out", "int", "1-based, included"),
)
AUDIO = _schema(
    ("frame", "int", "1-based; frame n covers (n-1)/25 to n/25 s"),
    ("audio_info.is_speech_present", "bool", "Somebody speaks"),
    ("audio_info.num_distinct_speakers_audio", "int", "How many at once"),
    ("audio_info.active_speaker_labels", "list[string]", "SPEAKER_00 … in order of first speech"),
    ("audio_info.timecode_sec", "float", "Start of the frame, seconds"),
)
TRACKING = _schema(
    ("frame", "int", "1-based"),
    ("tracked_objects.id", "string", "obj_1 …, never used again in a video"),
    ("tracked_objects.source", "string", "face_landmarker or object_detector"),
    ("tracked_objects.label", "string", "face, or a COCO label"),
    ("tracked_objects.confidence", "float", "0 to 1"),
    ("tracked_objects.centroid_x", "int", "Pixels of the 25-fps video"),
    ("tracked_objects.centroid_y", "int", "Pixels"),
    ("tracked_objects.bbox_xmin", "int", "Pixels"),
    ("tracked_objects.bbox_ymin", "int", "Pixels"),
    ("tracked_objects.bbox_width", "int", "Pixels"),
    ("tracked_objects.bbox_height", "int", "Pixels"),
    ("tracked_objects.blendshapes", "map[string, float]", "Of the face mesh; null without one"),
    ("tracked_objects.is_speaking", "bool", "This face is who is heard"),
    ("tracked_objects.speaking_confidence", "float", "0 to 1"),
    ("tracked_objects.speaking_sources.audio.active_speakers", "list[string]", "Voices of this face in this frame"),
)
TRANSCRIPT = _schema(
    ("words.start", "float", "Seconds"),
    ("words.end", "float", "Seconds"),
    ("words.text", "string", "As it is written, with its punctuation"),
    ("words.probability", "float", "0 to 1; null where the engine gives none"),
)
REDUCED = _schema(
    ("frame", "int", "1-based"),
    ("audio_info.is_speech_present", "bool", "<stem>_audio.json"),
    ("audio_info.active_speaker_labels", "list[string]", "<stem>_audio.json"),
    ("tracked_objects.id", "string", "<stem>_tracking.json"),
    ("tracked_objects.centroid_x", "int", "<stem>_tracking.json, pixels"),
    ("tracked_objects.source", "string", "<stem>_tracking.json"),
    ("tracked_objects.label", "string", "<stem>_tracking.json"),
    ("tracked_objects.active_speakers", "list[string]", "<stem>_tracking.json"),
)
REFRAMING = _schema(
    ("keyframes.frame", "int", "1-based"),
    ("keyframes.crop", "list[float]", "x, y, width, height: pixels of the 25-fps video"),
    ("keyframes.easing", "string", "hold, or cubic to the next key"),
    ("segments.layout", "string", "single, group, split, object, centre or fit"),
    ("segments.faces", "list[string]", "Ids of the tracking document, from left to right"),
    ("segments.why", "string", "speaks, with others, largest, stays, nobody or slides"),
)
