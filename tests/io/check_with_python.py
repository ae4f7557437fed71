"""Compares an epspike checkpoint with its checksums: python3 check_with_python.py FILE"""
import json
import sys
import zlib

with open(sys.argv[1], "rb") as file:
    header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    data = file.read()
metadata = header.pop("__metadata__", {})


def compare(key, checksum):
    if key in metadata:
        print(key, "sound" if metadata[key] == f"{checksum:08x}" else "has changed")


texts = "".join(f"{k}\0{v}\0" for k, v in sorted(metadata.items()) if k != "epspike.crc32")
compare("epspike.crc32", zlib.crc32(texts.encode()))
for name, entry in header.items():
    begin, end = entry["data_offsets"]
    form = f"{entry['dtype']} {entry['shape']}"
    compare(f"epspike.crc32.{name}", zlib.crc32(data[begin:end], zlib.crc32(form.encode())))
