"""Every sentence of the reports in French and English, and how each language writes numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["fr", "en"]

_NARROW_SPACE = "\u202f"
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}
_TEXTS: dict[str, tuple[str, str]] = {
    # pages
    "reports": ("Rapports", "Reports"),
    "project": ("Projet", "Project"),
    "projects": ("Projets", "Projects"),
    "video": ("Vidéo", "Video"),
    "videos": ("Vidéos", "Videos"),
    "month": ("Mois", "Month"),
    "months": ("Mois", "Months"),
    "report of video": ("Rapport de vidéo", "Video report"),
    "report of project": ("Rapport de projet", "Project report"),
    "report of month": ("Rapport mensuel", "Monthly report"),
    "generated": ("Généré le {when}", "Generated on {when}"),
    "build": ("Version du rapport", "Report build"),
    "skip": ("Aller au contenu", "Skip to content"),
    "none yet": ("Rien pour l’instant.", "Nothing yet."),
    "received": ("Reçu le {when}", "Received on {when}"),
    ":": (f"{_NARROW_SPACE}: ", ": "),
    # search and transcript
    "search": ("Recherche dans les paroles", "Search in what was said"),
    "search for": ("Chercher", "Search"),
    "words": ("Mots", "Words"),
    "person or voice": ("Personne ou voix", "Person or voice"),
    "since": ("Depuis le", "Since"),
    "places found": ("{count} passages trouvés", "{count} places found"),
    "newest places": ("Les {count} passages les plus récents", "The {count} newest places"),
    "nothing found": ("Rien n’a été trouvé.", "Nothing was found."),
    "unsure words": ("mots incertains", "unsure words"),
    "not proof-read": (
        "Écrit par une machine et relu par personne : des mots, et surtout des noms, peuvent être faux.",
        "Written by a machine and not proof-read: words, and names above all, may be wrong.",
    ),
    "transcript": ("Transcription", "Transcript"),
    "words per minute": ("Mots par minute de parole", "Words per minute of speech"),
    "no words": ("Rien n’est transcrit.", "Nothing is transcribed."),
    # figures
    "duration": ("Durée", "Duration"),
    "frames": ("Images", "Frames"),
    "frame": ("Image", "Frame"),
    "fps": ("Images/s", "Frames/s"),
    "picture": ("Image", "Picture"),
    "no picture": ("pas d’image", "no picture"),
    "sound": ("Son", "Sound"),
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "unknown": ("inconnu", "unknown"),
    "scenes": ("Plans", "Shots"),
    "scene": ("Plan", "Shot"),
    "average": ("Moyenne", "Average"),
    "shortest": ("Le plus court", "Shortest"),
    "longest": ("Le plus long", "Longest"),
    "speech": ("Parole", "Speech"),
    "speech segments": ("Segments de parole", "Speech segments"),
    "speakers": ("Locuteurs", "Speakers"),
    "speaker": ("Locuteur", "Speaker"),
    "turns": ("Prises de parole", "Turns"),
    "share": ("Part", "Share"),
    "faces": ("Visages", "Faces"),
    "face": ("Visage", "Face"),
    "objects": ("Objets", "Objects"),
    "most faces": ("Visages max.", "Max. faces"),
    "nobody speaks on screen": ("personne ne parle à l’écran", "nobody speaks on screen"),
    "turns may overlap": (
        "Les prises de parole de plusieurs locuteurs peuvent se chevaucher ; leur somme dépasse alors le total.",
        "Turns of several speakers may overlap; together they are then more than all speech.",
    ),
    "per video": ("comptés vidéo par vidéo", "counted in each video"),
    "whole project": ("dans tout le projet", "in the whole project"),
    "all reports": ("Tous les rapports", "All reports"),
    "previous video": ("Vidéo précédente", "Previous video"),
    "next video": ("Vidéo suivante", "Next video"),
    "transitions": ("Transitions", "Transitions"),
    "transition dissolve": ("fondu enchaîné", "dissolve"),
    "transition fade": ("fondu au noir ou au blanc", "fade"),
    "transition flash": ("flash", "flash"),
    "transition wipe": ("volet", "wipe"),
    "transition unknown": ("transition", "transition"),
    "name": ("Nom", "Name"),
    "date": ("Date", "Date"),
    "seen": ("À l’écran", "On screen"),
    "speaking": ("Parle", "Speaking"),
    "first": ("Apparaît à", "Appears at"),
    "last": ("Disparaît à", "Gone at"),
    "total": ("Total", "Total"),
    # timeline
    "timeline": ("Ligne de temps", "Timeline"),
    "timeline keys": (
        "Flèches : une image ; Maj + flèches : une seconde ; Page préc./suiv. : plan ; Début, Fin ; espace : lecture ;"
        " + et −, ou Ctrl + molette : zoom ; 0 : tout.",
        "Arrows: one frame; Shift + arrows: one second; Page Up/Down: shot; Home, End; Space: play; + and −, or Ctrl +"
        " wheel: zoom; 0: everything.",
    ),
    "play": ("Lire", "Play"),
    "review": ("Relire et corriger", "Review and correct"),
    "no film": (
        "La vidéo n’est plus là, ou ne peut pas être lue ici.",
        "The video is not there any more, or cannot be played here.",
    ),
    "zoom in": ("Agrandir", "Zoom in"),
    "zoom out": ("Réduire", "Zoom out"),
    "previous scene": ("Plan précédent", "Previous shot"),
    "next scene": ("Plan suivant", "Next shot"),
    "heard": ("On entend", "Heard"),
    "visible": ("À l’écran", "On screen"),
    "nobody": ("personne", "nobody"),
    "go to scene": ("Aller au plan {number}", "Go to shot {number}"),
    "other faces": ("{count} autres", "{count} others"),
    # provenance and files
    "provenance": ("Provenance", "Provenance"),
    "analysis": ("Analyse", "Analysis"),
    "engine": ("Moteur", "Engine"),
    "models": ("Modèles", "Models"),
    "parameters": ("Paramètres", "Parameters"),
    "device": ("Matériel", "Device"),
    "seconds": ("Secondes", "Seconds"),
    "from": ("Source", "From"),
    "made": ("Date", "Made"),
    "from project": ("projet", "project"),
    "from archives": ("archives", "archives"),
    "archived data": ("Données archivées", "Archived data"),
    "not analysed": ("Pas d’analyse", "Not analysed"),
    "exports": ("Exports", "Exports"),
    "file": ("Fichier", "File"),
    "use": ("Utilité", "Use"),
    "delivery": ("Livraison", "Delivery"),
    "folder": ("Dossier", "Folder"),
    "delivered": ("Livré le", "Delivered on"),
    "manifest": ("Empreinte du manifeste (SHA-256)", "Manifest (SHA-256)"),
    "size": ("Taille", "Size"),
    "files": ("Fichiers", "Files"),
    "renamed": ("Noms changés à destination", "Names changed at the destination"),
    "notes": ("Remarques", "Notes"),
    "not opened": ("Archives non ouvertes, livrées telles quelles", "Archives not opened, delivered as they are"),
    "not read": (
        "Fichiers au nom de vidéo non lus, livrés tels quels",
        "Files that look like videos, not read and delivered as they are",
    ),
    "not delivered": ("Pas encore livré.", "Not delivered yet."),
    "the delivery waits": (
        "La livraison attend, à cause de ce qui suit ; tout le reste est prêt.",
        "The delivery waits for what follows; everything else is ready.",
    ),
    "left out": ("Non livré", "Left out"),
    "missing": ("Il manque", "Missing"),
    "kind pictures": ("les images des plans (la vidéo n’a pas pu être lue)", "pictures of shots (no video to read)"),
    "kind scenes": ("les plans", "shots"),
    "kind audio": ("la parole", "speech"),
    "kind tracking": ("les visages", "faces"),
    "error": ("Erreur", "Error"),
    "errors": ("Erreurs", "Errors"),
    "state": ("État", "State"),
    "ok": ("complet", "complete"),
    "partial": ("partiel", "partial"),
    # months
    "below 2": ("Moins de 2 min", "Below 2 min"),
    "2 to 5": ("De 2 à 5 min", "2 to 5 min"),
    "above 5": ("Plus de 5 min", "Above 5 min"),
    "no projects": ("Aucun projet n’a été archivé ce mois-ci.", "No project was archived in this month."),
    "excluded": ("Fichiers exclus : {names}", "Files left out: {names}"),
    "total duration": ("Durée totale", "Total duration"),
    # exports
    "export otio": ("OpenTimelineIO : plans et marqueurs", "OpenTimelineIO: shots and markers"),
    "export edl": ("Liste de montage CMX 3600", "CMX 3600 edit list"),
    "export fcpxml": ("Final Cut Pro XML : plans et marqueurs", "Final Cut Pro XML: shots and markers"),
    "export rttm": ("Prises de parole (RTTM)", "Speaker turns (RTTM)"),
    "export vtt": ("Sous-titres WebVTT", "WebVTT subtitles"),
    "export srt": ("Sous-titres SubRip", "SubRip subtitles"),
    "export mot": ("Suivi des visages (MOT Challenge)", "Face tracks (MOT Challenge)"),
    "export xmp": ("Marqueurs XMP (Premiere Pro, After Effects)", "XMP markers (Premiere Pro, After Effects)"),
    "export aftereffects": ("Script After Effects", "After Effects script"),
    "export reframe_fcpxml": ("Recadrage pour Final Cut Pro (FCPXML)", "Re-framing for Final Cut Pro (FCPXML)"),
    "export reframe_resolve": ("Recadrage pour DaVinci Resolve (FCPXML)", "Re-framing for DaVinci Resolve (FCPXML)"),
    "export reframe_premiere": ("Recadrage pour Premiere Pro (XML)", "Re-framing for Premiere Pro (XML)"),
    "export reframe_clipboard": (
        "Images clés de recadrage à coller dans After Effects",
        "Re-framing keyframes to paste",
    ),
    # re-framing
    "reframings": ("Recadrage", "Re-framing"),
    "framing": ("Cadre {aspect}", "Frame {aspect}"),
    "framings": ("Cadres", "Framings"),
    "framed": ("Cadré", "Framed"),
    "aspect": ("Format", "Aspect"),
    "speaker whole": ("Locuteur entier", "Speaker whole"),
    "first words": ("Premiers mots", "First words"),
    "nobody shown": ("Personne à l’image", "Nobody shown"),
    "cut faces": ("Visages coupés", "Cut faces"),
    "pans a minute": ("Panoramiques/min", "Pans/min"),
    "cuts a minute": ("Coupes/min", "Cuts/min"),
    "shortest hold": ("Cadre le plus court", "Shortest hold"),
    "enlargement": ("Agrandissement", "Enlargement"),
    "text at the edges": (
        "Les textes et logos au bord de l’image ne sont pas reconnus : un format plus large les garde.",
        "Text and logos at the edges are not recognised: a wider aspect keeps them.",
    ),
    "layout single": ("une personne", "one person"),
    "layout group": ("groupe", "group"),
    "layout split": ("écran partagé", "split screen"),
    "layout object": ("objet", "object"),
    "layout centre": ("milieu", "middle"),
    "layout fit": ("image entière", "whole picture"),
    "why speaks": ("parle", "speaks"),
    "why with others": ("avec d’autres", "with others"),
    "why largest": ("le plus grand", "the largest"),
    "why stays": ("reste", "stays"),
    "why nobody": ("personne", "nobody"),
    "why slides": ("diapositive", "slides"),
    "export timeline": ("Ligne de temps (JSON)", "Timeline (JSON)"),
}


_COUNTED: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "frames": (("image", "images"), ("frame", "frames")),
    "errors": (("erreur", "erreurs"), ("error", "errors")),
    "videos": (("vidéo", "vidéos"), ("video", "videos")),
    "speech segments": (("segment de parole", "segments de parole"), ("speech segment", "speech segments")),
    "frames with faces": (("image avec visage", "images avec visage"), ("frame with a face", "frames with a face")),
    "frames with speaking": (
        ("image où l’on parle à l’écran", "images où l’on parle à l’écran"),
        ("frame with somebody speaking on screen", "frames with somebody speaking on screen"),
    ),
}
"""What is counted: one and several, in French and English."""


def in_order(name: str) -> list[str | int]:
    """What names are sorted by: as people count, ``9 Camille`` before ``13 Camille``, in any case."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFKC", name).casefold())
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def translator(language: Language) -> Callable[..., str]:
    """The function that templates call as ``t("scenes")``; unknown keys are errors."""
    column = 0 if language == "fr" else 1

    def text(key: str, /, **values: object) -> str:
        return _TEXTS[key][column].format(**values) if values else _TEXTS[key][column]

    return text


def count(language: Language, number: int, what: str) -> str:
    """``0 image``, ``1 image``, ``2 images`` in French; ``0 frames``, ``1 frame`` in English."""
    one, several = _COUNTED[what][0 if language == "fr" else 1]
    singular = abs(number) < 2 if language == "fr" else number == 1
    return f"{format_number(language, number)} {one if singular else several}"


def format_number(language: Language, value: float | None, digits: int = 0) -> str:
    """``12 345,6`` in French, ``12,345.6`` in English; a dash for nothing."""
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    return text.replace(",", _NARROW_SPACE).replace(".", ",") if language == "fr" else text


def format_percentage(language: Language, value: float | None) -> str:
    """A percentage with one decimal; a dash for nothing."""
    if value is None:
        return "–"
    return format_number(language, value, 1) + (f"{_NARROW_SPACE}%" if language == "fr" else "%")


def format_bytes(language: Language, value: float) -> str:
    """``1,2 Go`` in French, ``1.2 GB`` in English; decimal units."""
    unit = "o" if language == "fr" else "B"
    for factor, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{format_number(language, value / factor, 1)}{_NARROW_SPACE}{prefix}{unit}"
    return f"{format_number(language, value)}{_NARROW_SPACE}{unit}"


def format_date(language: Language, when: datetime | str, zone: str = "UTC") -> str:
    """``21 novembre 2026, 11:00 CET`` in the time of ``zone``; text that is no date is given back.

    Args:
        zone: name of the IANA database; empty for that of this machine. Times without a zone are UTC.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            return str(when)
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    local = aware.astimezone(ZoneInfo(zone) if zone else None)
    return f"{local.day} {_MONTHS[language][local.month - 1]} {local.year}, {local:%H:%M} {local:%Z}"


def format_month(language: Language, month: str) -> str:
    """``novembre 2026`` for ``2026-11``."""
    year, number = month.split("-")
    return f"{_MONTHS[language][int(number) - 1]} {year}"


def format_duration(seconds: float | None) -> str:
    """``HH:MM:SS`` of a number of seconds, rounded down; a dash for nothing."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
