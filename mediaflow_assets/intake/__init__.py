"""From a link, a file or a folder to a registered project with its archive and its list of videos."""
