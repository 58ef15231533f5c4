"""The real bot process, killed at every boundary of a delivery and started again; nothing may be lost or doubled."""
