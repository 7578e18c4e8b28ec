"""Answer -> CSV, XLSX, JSON: pure, machine-readable, and each with its scope."""
