"""What can be chosen by name in the faces stage: a leaf, so that settings can name it. Add an engine with a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaflow_assets.core.registry import Registry

if TYPE_CHECKING:
    from mediaflow_assets.execution.devices import ComputeSettings
    from mediaflow_assets.faces.engines import FaceEngine
    from mediaflow_assets.faces.identity import Tracker
    from mediaflow_assets.faces.identity.embedders import FaceEmbedder
    from mediaflow_assets.faces.objects import ObjectDetector
    from mediaflow_assets.faces.settings import FaceSettings
    from mediaflow_assets.faces.speaking import SpeakingMode
    from mediaflow_assets.modelstore import ModelStore

_ENGINES = "mediaflow_assets.faces.engines"
_MEDIAPIPE = "mediaflow_assets.faces.objects.mediapipe_tasks"

FACE_ENGINES: Registry[FaceEngine, [FaceSettings, ModelStore, ComputeSettings]] = Registry(
    "face engine",
    {
        "opencv_yunet_facemesh": f"{_ENGINES}.opencv_yunet_facemesh:OpencvYunetFacemesh",
        "mediapipe_landmarker": f"{_ENGINES}.mediapipe_landmarker:MediapipeLandmarker",
        "opencv_yunet": f"{_ENGINES}.opencv_yunet:OpencvYunet",
        "openseeface": f"{_ENGINES}.openseeface:OpenSeeFace",
        "insightface": f"{_ENGINES}.insightface:InsightFace",
        "eos": f"{_ENGINES}.eos:Eos",
        "opencv_haar": f"{_ENGINES}.opencv_haar:OpencvHaar",
    },
    aliases={"py_feat": "opencv_yunet_facemesh", "opencv_yunet_pyfeat": "opencv_yunet_facemesh"},
)

TRACKERS: Registry[Tracker, [FaceSettings]] = Registry(
    "tracker",
    {
        "motion": "mediaflow_assets.faces.identity.motion:MotionTracker",
        "centroid": "mediaflow_assets.faces.identity.centroid:CentroidTracker",
    },
)

_EMBEDDERS = "mediaflow_assets.faces.identity.embedders"

FACE_EMBEDDERS: Registry[FaceEmbedder, [ModelStore]] = Registry(
    "face embedder", {"sface": f"{_EMBEDDERS}.sface:SFaceEmbedder", "dlib": f"{_EMBEDDERS}.dlib:DlibEmbedder"}
)
"""In the order in which ``auto`` takes them."""

OBJECT_DETECTORS: Registry[ObjectDetector, [FaceSettings, ModelStore, ComputeSettings]] = Registry(
    "object detector",
    {
        "efficientdet_lite0": f"{_MEDIAPIPE}:EfficientDetLite0",
        "efficientdet_lite1": f"{_MEDIAPIPE}:EfficientDetLite1",
        "efficientdet_lite2": f"{_MEDIAPIPE}:EfficientDetLite2",
        "ssd_mobilenet_v2": f"{_MEDIAPIPE}:SsdMobilenetV2",
        "yolo11n_onnx": "mediaflow_assets.faces.objects.yolo11n:Yolo11n",
        "nanodet_plus": "mediaflow_assets.faces.objects.nanodet_plus:NanoDetPlus",
    },
    aliases={"ssd_mobilenet_v3": "ssd_mobilenet_v2"},
)

SPEAKING_MODES: Registry[SpeakingMode, [FaceSettings, ModelStore]] = Registry(
    "speaking mode",
    {
        "associated": "mediaflow_assets.faces.speaking.associated:Associated",
        "asd": "mediaflow_assets.faces.speaking.asd:ActiveSpeakerDetection",
        "combined": "mediaflow_assets.faces.speaking.combined:Combined",
        "fused": "mediaflow_assets.faces.speaking.fused:Fused",
    },
)
