"""What leaves the pipeline: reduced documents, the verified delivery, the analysis store."""
