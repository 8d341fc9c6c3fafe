"""The cast register: people who are remembered by face and voice, only where ``CAST=on`` and only when asked for.

``register`` keeps them, ``appearances`` says who is in a video, ``vectors`` measures faces and voices, ``proposals``
compares, ``learning`` and ``recognition`` put these together. Nobody is ever assigned; see ``docs/privacy.md``.
"""
