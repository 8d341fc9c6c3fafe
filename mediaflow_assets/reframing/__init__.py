"""Re-framing: the picture cut to another aspect so that it follows who speaks.

From scenes, speech and faces to a camera path that an editor would keep. Nothing here knows Dagster, and the
planning needs NumPy alone:

========================  ==========================================================================
:mod:`.aspects`           sizes: what an aspect cuts out of a picture
:mod:`.bars`              the content rectangle of each shot, without dark bars
:mod:`.tracks`            what was tracked, shot by shot, as arrays
:mod:`.people`            heads, and how much each matters in every frame
:mod:`.framings`          who could be framed together, and the choice by dynamic programming
:mod:`.camera`            the camera's path by dynamic programming over place and speed
:mod:`.moves`             the path as few keyframes, eased where it can be
:mod:`.shot`              all of that for one shot
:mod:`.plan`              a whole video: one document per aspect
:mod:`.playback`          keyframes back to one crop per frame
:mod:`.measures`          what an editor would complain about, counted
========================  ==========================================================================
"""
