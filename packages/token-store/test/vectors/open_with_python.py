"""Opens our recorded tokens with Python's cryptography: python3 open_with_python.py"""

import json
import pathlib

from cryptography.fernet import Fernet

for vector in json.loads(pathlib.Path(__file__).with_name("to-python.json").read_text()):
    opened = Fernet(vector["secret"]).decrypt(vector["token"].encode()).decode()
    assert opened == vector["src"], vector
    print("opened", vector["token"][:24] + "…")
