//! Rejects on disk: the refused records as they stood, and beside them the reasons.
