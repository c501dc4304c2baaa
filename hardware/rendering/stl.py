"""Binary STL, written so that the same shape gives the same file; and read back.

Touches the files named. Speaks mm. An STL is a list of triangles; their order says nothing, so
they are sorted.
"""

import struct
from pathlib import Path

import numpy as np

HEADER = b"notturno".ljust(80, b"\0")
PLACES = 4  # of a mm: below what any printer resolves


def triangles_of(solid) -> np.ndarray:
    """Return the triangles of a Manifold, shape (n, 3 corners, 3 axes), mm, sorted."""
    mesh = solid.to_mesh()
    corners = np.round(mesh.vert_properties[:, :3].astype(float), PLACES) + 0.0
    return ordered(corners[mesh.tri_verts])


def ordered(triangles: np.ndarray) -> np.ndarray:
    """Return them with the least corner of each first, and in the order of their numbers."""
    turned = []
    for triangle in triangles:
        first = min(range(3), key=lambda k: tuple(triangle[k]))
        turned.append(np.roll(triangle, -first, axis=0))
    turned.sort(key=lambda triangle: tuple(triangle.ravel()))
    return np.array(turned)


def write(path: Path, solid) -> None:
    """Write a Manifold as binary STL."""
    triangles = triangles_of(solid).astype("<f4")
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = normals / np.where(lengths > 0, lengths, 1)
    rows = np.zeros(len(triangles), dtype=[("f", "<f4", 12), ("a", "<u2")])
    rows["f"] = np.concatenate([normals[:, None, :], triangles], axis=1).reshape(-1, 12)
    path.write_bytes(HEADER + struct.pack("<I", len(rows)) + rows.tobytes())


def read(path: Path) -> np.ndarray:
    """Return the triangles of a binary STL, shape (n, 3, 3), mm."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 80)
    rows = np.frombuffer(data, dtype=[("f", "<f4", 12), ("a", "<u2")], count=count, offset=84)
    return rows["f"].reshape(-1, 4, 3)[:, 1:].astype(float)


def open_edges(triangles: np.ndarray) -> int:
    """Return how many edges lack their counterpart in the other direction; 0: watertight."""
    seen = {}
    for triangle in np.round(triangles, PLACES - 1):
        corners = [tuple(corner) for corner in triangle]
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            if a != b:
                seen[a, b] = seen.get((a, b), 0) + 1
    return sum(abs(count - seen.get((b, a), 0)) for (a, b), count in seen.items())


def volume_mm3(triangles: np.ndarray) -> float:
    """Return the volume inside; negative where the triangles look inwards."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
