"""Faces and objects in every frame, who they are, and which of them speaks.

``engines`` find faces, ``identity`` gives them ids over time, ``speaking`` decides who speaks, and
``track`` runs the three over a video.
"""
