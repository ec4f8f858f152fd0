/// An in-memory file system below SQLite that can crash: a VFS that stands before the system's own.
///
/// Each disk holds files in one folder and keeps what was written apart from what was synced. A connection belongs to the
/// disk that was mounted on the thread that opened it, and to the disk's generation: after a crash it can neither read
/// nor write, but may be closed at any time. Files that were opened with no disk mounted go to the system's own VFS.
///
/// A disk and its connections are for one thread at a time. Nothing here sleeps, reads a clock or draws randomness.
#ifndef SIMULATED_DISK_H
#define SIMULATED_DISK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SimulatedDisk SimulatedDisk;

/// What a fault strikes. Reads of the shared memory and locks never fail.
enum {
    SIMULATED_READ,
    SIMULATED_WRITE,
    SIMULATED_SYNC,
    SIMULATED_OPEN,
    SIMULATED_TRUNCATE,
    SIMULATED_DELETE,
    SIMULATED_KINDS
};

/// The counters and switches of a disk; may be changed at any time.
typedef struct {
    /// Operations that change the disk: files made, writes, syncs, truncations, deletions.
    uint64_t operations;
    uint64_t bytes_written;
    uint64_t syncs;
    /// No file can grow.
    bool is_full;
    /// Syncs do nothing but say that they did: a disk that lies.
    bool ignores_syncs;
    /// What SQLite takes for the time, in milliseconds since 1970.
    int64_t now;
} SimulatedDiskState;

/// Makes an empty disk; the first call puts the VFS before the system's. NULL when there is no memory.
SimulatedDisk *simulated_disk_new(void);
/// Makes a disk with the same files, all of them synced, and counters at zero.
SimulatedDisk *simulated_disk_copy(const SimulatedDisk *original);
/// Unplugs the disk. Its connections are harmless afterwards and may still be closed.
void simulated_disk_free(SimulatedDisk *disk);
/// The disk's counters and switches.
SimulatedDiskState *simulated_disk_state(SimulatedDisk *disk);
/// Mounts the disk (or none, for NULL) on this thread and begins SQLite's random numbers anew; returns the one before.
SimulatedDisk *simulated_disk_mount(SimulatedDisk *disk);

/// After `count` more successes, `times` operations of a kind fail: for want of room, or else as a broken disk does. A
/// write that is short has written half of its bytes when it fails.
void simulated_disk_fail(
    SimulatedDisk *disk, int kind, bool lacks_room, bool is_short, uint64_t count, uint64_t times);
/// After `count` more operations that change the disk, nothing happens any more: every access fails until the crash.
void simulated_disk_stop(SimulatedDisk *disk, uint64_t count);
/// Whether it has come to that.
bool simulated_disk_has_stopped(const SimulatedDisk *disk);

/// The process dies: what was written stays; handles, locks and shared memory go.
void simulated_disk_kill(SimulatedDisk *disk);
/// The power fails: what was synced stays. Of the rest each sector of 512 bytes, each file's length and each change of the
/// folder is lost, kept, or (a sector) torn, as the random numbers say.
void simulated_disk_cut_power(SimulatedDisk *disk, uint64_t (*random)(void *context), void *context);

/// The bytes of a file as written; NULL when there is none. They stay valid until the next access of the disk.
const uint8_t *simulated_disk_bytes(const SimulatedDisk *disk, const char *name, int64_t *length);

#endif
