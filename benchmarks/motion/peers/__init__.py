"""Our arms as the peers' models, with results in our conventions; used by the benchmark and by tests as oracles."""
