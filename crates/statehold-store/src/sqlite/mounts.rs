//! Whether a folder lies on a network file system, where SQLite's locks and shared memory cannot be trusted.
//!
//! Linux only, by reading the mount table: elsewhere, and where the table cannot be read, nothing is refused.

use std::fs;
use std::path::{Path, PathBuf};

/// File systems whose files may be open on another machine at the same time.
const NETWORK: &[&str] = &[
    "afs",
    "cifs",
    "davfs",
    "fuse.davfs",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
];

/// The kind of network file system that holds the folder, if one does.
pub(super) fn network_file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = kind_of(&folder, &table)?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// The file system of the innermost mount that holds the folder; of two at one place, the later one covers the other.
fn kind_of<'table>(folder: &Path, table: &'table str) -> Option<&'table str> {
    table
        .lines()
        .filter_map(mount)
        .filter(|(place, _)| folder.starts_with(place))
        .max_by_key(|(place, _)| place.components().count())
        .map(|(_, kind)| kind)
}

/// Where a line of the mount table mounts what: `id parent device root PLACE options - KIND source options`.
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (left, right) = line.split_once(" - ")?;
    let place = left.split(' ').nth(4)?;
    let kind = right.split(' ').next()?;
    Some((PathBuf::from(unescape(place)), kind))
}

/// The table writes blanks, tabs, line ends and backslashes as octal numbers.
fn unescape(place: &str) -> String {
    place
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /srv/shared rw shared:2 - nfs4 server:/export rw
31 30 253:1 / /srv/shared/local rw - xfs /dev/vdb rw
32 22 0:41 / /mnt/my\\040disk rw - cifs //server/share rw
33 22 253:2 / /data rw - ext4 /dev/vdc rw
34 33 0:42 / /data rw - fuse.sshfs host: rw";

    #[test]
    fn innermost_mount_decides() {
        let kind = |path: &str| kind_of(Path::new(path), TABLE);
        assert_eq!(kind("/home/me"), Some("ext4"));
        assert_eq!(kind("/srv/shared/app"), Some("nfs4"));
        assert_eq!(kind("/srv/shared/local/app"), Some("xfs"));
        assert_eq!(kind("/srv/shared_not"), Some("ext4"));
        assert_eq!(kind("/mnt/my disk/app"), Some("cifs"));
    }

    #[test]
    fn later_mount_covers_the_earlier_at_the_same_place() {
        assert_eq!(kind_of(Path::new("/data"), TABLE), Some("fuse.sshfs"));
    }

    #[test]
    fn garbage_in_the_table_is_skipped() {
        assert_eq!(kind_of(Path::new("/"), "garbage\n\n - \n1 2 3"), None);
    }
}
