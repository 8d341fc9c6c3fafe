"""The file contracts: what each stage writes and the next one reads.

One module per document. Nothing here computes results; it only gives the documents types, reads
them strictly and writes them as streams.
"""
