"""Where tables come from: files and other databases, each behind the contract of `pool.sources.source`."""
