"""Model files: one table with hashes and licences, one folder, and the only code that downloads them."""

from mediaflow_assets.modelstore.catalog import Model, load_catalog
from mediaflow_assets.modelstore.store import ModelStore, Status, store_folder

__all__ = ["Model", "ModelStore", "Status", "load_catalog", "store_folder"]
