"""What tests and benchmarks share: made films with their truth, scorers, installations, servers, deployments."""
