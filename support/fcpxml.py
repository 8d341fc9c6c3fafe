"""Final Cut Pro XML, as far as it is written here: a document type to hold files against."""

from __future__ import annotations

from io import StringIO

from lxml import etree

_DTD = """
<!ELEMENT fcpxml (resources, library)> <!ATTLIST fcpxml version CDATA #FIXED "1.9">
<!ELEMENT resources (format | asset)*>
<!ELEMENT format EMPTY>
<!ATTLIST format id ID #REQUIRED name CDATA #IMPLIED frameDuration CDATA #IMPLIED width CDATA #IMPLIED
  height CDATA #IMPLIED>
<!ELEMENT asset (media-rep+)>
<!ATTLIST asset id ID #REQUIRED name CDATA #IMPLIED start CDATA #IMPLIED duration CDATA #IMPLIED hasVideo CDATA #IMPLIED
  format IDREF #IMPLIED hasAudio CDATA #IMPLIED audioSources CDATA #IMPLIED audioChannels CDATA #IMPLIED>
<!ELEMENT media-rep EMPTY>
<!ATTLIST media-rep kind (original-media | proxy-media) "original-media" src CDATA #REQUIRED>
<!ELEMENT library (event*)>
<!ELEMENT event (project*)> <!ATTLIST event name CDATA #IMPLIED>
<!ELEMENT project (sequence)> <!ATTLIST project name CDATA #IMPLIED>
<!ELEMENT sequence (spine)>
<!ATTLIST sequence format IDREF #REQUIRED duration CDATA #IMPLIED tcStart CDATA #IMPLIED tcFormat (DF | NDF) #IMPLIED>
<!ELEMENT spine (asset-clip*)>
<!ELEMENT asset-clip (adjust-transform?, (asset-clip | caption)*, marker*)>
<!ATTLIST asset-clip ref IDREF #REQUIRED lane CDATA #IMPLIED name CDATA #IMPLIED offset CDATA #IMPLIED
  start CDATA #IMPLIED duration CDATA #IMPLIED tcFormat (DF | NDF) #IMPLIED srcEnable (all | audio | video) "all"
  audioRole CDATA #IMPLIED>
<!ELEMENT adjust-transform (param*)>
<!ATTLIST adjust-transform position CDATA "0 0" scale CDATA "1 1" rotation CDATA "0" anchor CDATA "0 0">
<!ELEMENT param (keyframeAnimation?)> <!ATTLIST param name CDATA #REQUIRED value CDATA #IMPLIED>
<!ELEMENT keyframeAnimation (keyframe*)>
<!ELEMENT keyframe EMPTY> <!ATTLIST keyframe time CDATA #REQUIRED value CDATA #REQUIRED>
<!ELEMENT caption (text*)>
<!ATTLIST caption lane CDATA #IMPLIED offset CDATA #IMPLIED name CDATA #IMPLIED start CDATA #IMPLIED
  duration CDATA #REQUIRED role CDATA #IMPLIED>
<!ELEMENT text (#PCDATA)>
<!ELEMENT marker EMPTY> <!ATTLIST marker start CDATA #REQUIRED duration CDATA #IMPLIED value CDATA #REQUIRED>
"""
"""The part of Apple's published structure of FCPXML 1.9 that is used, in our own words."""


def problems(document: etree._ElementTree) -> str:
    """What is wrong with a document; empty when it is valid."""
    dtd = etree.DTD(StringIO(_DTD))
    return "" if dtd.validate(document) else str(dtd.error_log)
