"""What assets and sensors share: settings and folders, engines, downloads."""
