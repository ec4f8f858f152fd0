#include "simulated_disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, SHM_REGIONS = 64, PREFIX_LENGTH = 40 };
#define PREFIX "/simulated-disk-"
/// Milliseconds from the beginning of the Julian days to 1970.
#define JULIAN_EPOCH 210866760000000LL

typedef struct {
    uint8_t *data;
    int64_t length, capacity;
} Bytes;

/// A file: it lives as long as the folder names it, the synced folder names it, or a handle has it.
typedef struct Node {
    struct Node *next;
    int references;
    bool is_linked, is_durable;
    Bytes written, synced;
    /// What was written since the last sync.
    int64_t dirty_from, dirty_to;
    /// Handles that hold SHARED or more, and the one that holds RESERVED or more.
    int readers;
    struct Handle *writer;
    void *regions[SHM_REGIONS];
    int mappings, shm_shared[SQLITE_SHM_NLOCK];
    bool shm_exclusive[SQLITE_SHM_NLOCK];
    char name[];
} Node;

typedef struct {
    int code;
    uint64_t count, times;
    bool is_short;
} Fault;

struct SimulatedDisk {
    SimulatedDisk *next;
    SimulatedDiskState state;
    int id, handles;
    unsigned generation;
    uint64_t seed, operations_left;
    bool is_stopping, has_stopped, is_unplugged;
    Fault faults[SIMULATED_KINDS];
    Node *nodes;
};

typedef struct Handle {
    sqlite3_file base;
    SimulatedDisk *disk;
    Node *node;
    unsigned generation;
    int level;
    bool syncs_folder, deletes_on_close, is_mapped;
    unsigned shm_shared, shm_exclusive;
} Handle;

static sqlite3_vfs vfs, *below;
static SimulatedDisk *disks;
static int last_id;
static _Thread_local SimulatedDisk *mounted;
/// The disk whose clock this thread sees, by number, for it may be gone.
static _Thread_local int clock_id;
/// SQLite asks the VFS to sleep without naming the connection: it is ours when our lock was the last that was refused.
static _Thread_local bool was_refused;

static void enter(void) { sqlite3_mutex_enter(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1)); }
static void leave(void) { sqlite3_mutex_leave(sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1)); }

// Bytes

static bool reserve(Bytes *bytes, int64_t length) {
    if (length <= bytes->capacity) return true;
    int64_t capacity = length + length / 2 + 4096;
    uint8_t *data = realloc(bytes->data, (size_t)capacity);
    if (!data) return false;
    memset(data + bytes->capacity, 0, (size_t)(capacity - bytes->capacity));
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

/// Bytes behind the end are always zero, so that a file grows by zeros.
static bool resize(Bytes *bytes, int64_t length) {
    if (!reserve(bytes, length)) return false;
    if (length < bytes->length) memset(bytes->data + length, 0, (size_t)(bytes->length - length));
    bytes->length = length;
    return true;
}

static void soil(Node *node, int64_t from, int64_t to) {
    if (node->dirty_from >= node->dirty_to) node->dirty_from = from, node->dirty_to = to;
    if (from < node->dirty_from) node->dirty_from = from;
    if (to > node->dirty_to) node->dirty_to = to;
}

// Files and the folder

static Node *find(const SimulatedDisk *disk, const char *name) {
    for (Node *node = disk->nodes; node; node = node->next)
        if (node->is_linked && strcmp(node->name, name) == 0) return node;
    return NULL;
}

static void unmap(Node *node) {
    for (int index = 0; index < SHM_REGIONS; index++) free(node->regions[index]), node->regions[index] = NULL;
}

static void release(Node *node) {
    if (--node->references > 0) return;
    unmap(node);
    free(node->written.data);
    free(node->synced.data);
    free(node);
}

static Node *make_node(SimulatedDisk *disk, const char *name) {
    Node *node = calloc(1, sizeof(Node) + strlen(name) + 1);
    if (!node) return NULL;
    strcpy(node->name, name);
    node->references = 1;
    Node **end = &disk->nodes;
    while (*end) end = &(*end)->next;
    *end = node;
    return node;
}

/// Forgets files that no folder names.
static void sweep(SimulatedDisk *disk) {
    for (Node **place = &disk->nodes; *place;) {
        Node *node = *place;
        if (node->is_linked || node->is_durable) {
            place = &node->next;
        } else {
            *place = node->next;
            release(node);
        }
    }
}

static void sync_folder(SimulatedDisk *disk) {
    for (Node *node = disk->nodes; node; node = node->next) node->is_durable = node->is_linked;
    sweep(disk);
}

// Faults

static bool is_dead(const Handle *handle) {
    const SimulatedDisk *disk = handle->disk;
    return disk->has_stopped || disk->is_unplugged || handle->generation != disk->generation;
}

static int fault(SimulatedDisk *disk, int kind, bool *is_short) {
    Fault *fault = &disk->faults[kind];
    if (fault->times == 0) return SQLITE_OK;
    if (fault->count > 0) {
        fault->count--;
        return SQLITE_OK;
    }
    fault->times--;
    if (is_short) *is_short = fault->is_short;
    return fault->code;
}

/// Counts an operation that is about to change the disk; false when the disk stops before it.
static bool proceeds(SimulatedDisk *disk) {
    if (disk->is_stopping && disk->operations_left-- == 0) disk->has_stopped = true;
    if (disk->has_stopped) return false;
    disk->state.operations++;
    return true;
}

// Methods of an open file

static int file_read(sqlite3_file *file, void *target, int count, sqlite3_int64 offset) {
    Handle *handle = (Handle *)file;
    if (is_dead(handle)) return SQLITE_IOERR_READ;
    int code = fault(handle->disk, SIMULATED_READ, NULL);
    if (code) return code;
    const Bytes *bytes = &handle->node->written;
    int64_t there = bytes->length - offset;
    if (there < 0) there = 0;
    if (there > count) there = count;
    if (there > 0) memcpy(target, bytes->data + offset, (size_t)there);
    memset((uint8_t *)target + there, 0, (size_t)(count - there));
    return there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *source, int count, sqlite3_int64 offset) {
    Handle *handle = (Handle *)file;
    if (is_dead(handle) || !proceeds(handle->disk)) return SQLITE_IOERR_WRITE;
    bool is_short = false;
    int code = fault(handle->disk, SIMULATED_WRITE, &is_short);
    Bytes *bytes = &handle->node->written;
    if (!code && handle->disk->state.is_full && offset + count > bytes->length) code = SQLITE_FULL;
    if (code && !is_short) return code;
    if (is_short) count /= 2;
    if (offset + count > bytes->length && !resize(bytes, offset + count)) return SQLITE_IOERR_NOMEM;
    memcpy(bytes->data + offset, source, (size_t)count);
    soil(handle->node, offset, offset + count);
    handle->disk->state.bytes_written += (uint64_t)count;
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 length) {
    Handle *handle = (Handle *)file;
    if (is_dead(handle) || !proceeds(handle->disk)) return SQLITE_IOERR_TRUNCATE;
    int code = fault(handle->disk, SIMULATED_TRUNCATE, NULL);
    if (code) return code;
    int64_t before = handle->node->written.length;
    soil(handle->node, length < before ? length : before, length < before ? before : length);
    return resize(&handle->node->written, length) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)flags;  // A data-only sync keeps the length as well, as fdatasync does where a reader needs it.
    Handle *handle = (Handle *)file;
    SimulatedDisk *disk = handle->disk;
    Node *node = handle->node;
    if (is_dead(handle) || !proceeds(disk)) return SQLITE_IOERR_FSYNC;
    int code = fault(disk, SIMULATED_SYNC, NULL);
    if (code) return code;
    disk->state.syncs++;
    if (disk->state.ignores_syncs) return SQLITE_OK;
    int64_t length = node->written.length, to = node->dirty_to < length ? node->dirty_to : length;
    if (!resize(&node->synced, length)) return SQLITE_IOERR_NOMEM;
    if (node->dirty_from < to) {
        memcpy(node->synced.data + node->dirty_from, node->written.data + node->dirty_from,
               (size_t)(to - node->dirty_from));
    }
    node->dirty_from = node->dirty_to = 0;
    if (handle->syncs_folder) sync_folder(disk);
    handle->syncs_folder = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    Handle *handle = (Handle *)file;
    if (is_dead(handle)) return SQLITE_IOERR_FSTAT;
    *size = handle->node->written.length;
    return SQLITE_OK;
}

static int refuse(void) {
    was_refused = true;
    return SQLITE_BUSY;
}

static int file_lock(sqlite3_file *file, int level) {
    Handle *handle = (Handle *)file;
    Node *node = handle->node;
    if (is_dead(handle)) return SQLITE_IOERR_LOCK;
    if (handle->level >= level) return SQLITE_OK;
    if (node->writer && node->writer != handle) {
        if (level > SQLITE_LOCK_SHARED || node->writer->level > SQLITE_LOCK_RESERVED) return refuse();
    }
    if (level == SQLITE_LOCK_SHARED) node->readers++;
    if (level > SQLITE_LOCK_SHARED) node->writer = handle;
    if (level == SQLITE_LOCK_EXCLUSIVE && node->readers > 1) {
        handle->level = SQLITE_LOCK_PENDING;
        return refuse();
    }
    handle->level = level;
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level) {
    Handle *handle = (Handle *)file;
    Node *node = handle->node;
    if (handle->level <= level) return SQLITE_OK;
    if (node->writer == handle) node->writer = NULL;
    if (level == SQLITE_LOCK_NONE) node->readers--;
    handle->level = level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *file, int *result) {
    *result = ((Handle *)file)->node->writer != NULL;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file) { return (void)file, SECTOR; }
/// What the system's VFS says of a disk of today: a torn write leaves the bytes beside it alone.
static int file_characteristics(sqlite3_file *file) { return (void)file, SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

// Shared memory

static int shm_map(sqlite3_file *file, int region, int size, int extends, void volatile **target) {
    Handle *handle = (Handle *)file;
    Node *node = handle->node;
    *target = NULL;
    if (is_dead(handle) || region >= SHM_REGIONS) return SQLITE_IOERR_SHMMAP;
    if (!handle->is_mapped) handle->is_mapped = true, node->mappings++;
    if (!node->regions[region] && extends) {
        if (handle->disk->state.is_full) return SQLITE_IOERR_SHMSIZE;
        node->regions[region] = calloc(1, (size_t)size);
        if (!node->regions[region]) return SQLITE_IOERR_NOMEM;
    }
    *target = node->regions[region];
    return SQLITE_OK;
}

static void shm_release(Handle *handle, int offset, int count) {
    for (int index = offset; index < offset + count; index++) {
        unsigned bit = 1u << index;
        if (handle->shm_shared & bit) handle->node->shm_shared[index]--;
        if (handle->shm_exclusive & bit) handle->node->shm_exclusive[index] = false;
        handle->shm_shared &= ~bit;
        handle->shm_exclusive &= ~bit;
    }
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    Handle *handle = (Handle *)file;
    Node *node = handle->node;
    if (flags & SQLITE_SHM_UNLOCK) return shm_release(handle, offset, count), SQLITE_OK;
    if (is_dead(handle)) return SQLITE_IOERR_SHMLOCK;
    bool is_shared = flags & SQLITE_SHM_SHARED;
    for (int index = offset; index < offset + count; index++) {
        int others = node->shm_shared[index] - (handle->shm_shared >> index & 1);
        bool is_mine = handle->shm_exclusive >> index & 1;
        if ((node->shm_exclusive[index] && !is_mine) || (!is_shared && others > 0)) return refuse();
    }
    for (int index = offset; index < offset + count; index++) {
        unsigned bit = 1u << index;
        if (is_shared && !(handle->shm_shared & bit)) node->shm_shared[index]++, handle->shm_shared |= bit;
        if (!is_shared) node->shm_exclusive[index] = true, handle->shm_exclusive |= bit;
    }
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file) { (void)file; }

static int shm_unmap(sqlite3_file *file, int deletes) {
    (void)deletes;  // Whoever maps it first finds zeros either way.
    Handle *handle = (Handle *)file;
    shm_release(handle, 0, SQLITE_SHM_NLOCK);
    if (handle->is_mapped && --handle->node->mappings == 0) unmap(handle->node);
    handle->is_mapped = false;
    return SQLITE_OK;
}

static int file_close(sqlite3_file *file) {
    Handle *handle = (Handle *)file;
    SimulatedDisk *disk = handle->disk;
    file_unlock(file, SQLITE_LOCK_NONE);
    shm_unmap(file, 0);
    if (handle->deletes_on_close && !is_dead(handle)) {
        handle->node->is_linked = false;
        sweep(disk);
    }
    release(handle->node);
    if (--disk->handles == 0 && disk->is_unplugged) free(disk);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

// Methods of the file system

typedef struct {
    bool is_simulated;
    /// NULL when the generation that the path belongs to is over.
    SimulatedDisk *disk;
    const char *name;
} Place;

static SimulatedDisk *disk_of(int id) {
    SimulatedDisk *disk = disks;
    while (disk && disk->id != id) disk = disk->next;
    return disk;
}

/// What a full path names. It carries the disk and its generation, for a connection asks for its log by path.
static Place place_of(const char *path) {
    Place place = {0};
    int id, length = 0;
    unsigned generation;
    if (!path || sscanf(path, PREFIX "%d.%u/%n", &id, &generation, &length) < 2 || length == 0) return place;
    place.is_simulated = true;
    place.name = path + length;
    enter();
    SimulatedDisk *disk = disk_of(id);
    if (disk && disk->generation == generation && !disk->has_stopped) place.disk = disk;
    leave();
    return place;
}

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    (void)self;
    Place place = place_of(path);
    if (!place.is_simulated) return below->xOpen(below, path, file, flags, out_flags);
    Handle *handle = (Handle *)file;
    memset(handle, 0, sizeof(Handle));
    SimulatedDisk *disk = place.disk;
    if (!disk) return SQLITE_CANTOPEN;
    int code = fault(disk, SIMULATED_OPEN, NULL);
    if (code) return code;
    Node *node = find(disk, place.name);
    if (node && flags & SQLITE_OPEN_CREATE && flags & SQLITE_OPEN_EXCLUSIVE) return SQLITE_CANTOPEN;
    if (!node) {
        if (!(flags & SQLITE_OPEN_CREATE) || !proceeds(disk)) return SQLITE_CANTOPEN;
        node = make_node(disk, place.name);
        if (!node) return SQLITE_NOMEM;
        node->is_linked = true;
    }
    node->references++;
    disk->handles++;
    int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    handle->base.pMethods = &methods;
    handle->disk = disk;
    handle->node = node;
    handle->generation = disk->generation;
    handle->syncs_folder = flags & SQLITE_OPEN_CREATE && flags & logs;
    handle->deletes_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *self, const char *path, int syncs_folder) {
    (void)self;
    Place place = place_of(path);
    if (!place.is_simulated) return below->xDelete(below, path, syncs_folder);
    if (!place.disk || !proceeds(place.disk)) return SQLITE_IOERR_DELETE;
    int code = fault(place.disk, SIMULATED_DELETE, NULL);
    if (code) return code;
    Node *node = find(place.disk, place.name);
    if (!node) return SQLITE_IOERR_DELETE_NOENT;
    node->is_linked = false;
    if (syncs_folder && !place.disk->state.ignores_syncs) sync_folder(place.disk);
    sweep(place.disk);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *self, const char *path, int flags, int *result) {
    (void)self;
    Place place = place_of(path);
    if (!place.is_simulated) return below->xAccess(below, path, flags, result);
    if (!place.disk) return SQLITE_IOERR_ACCESS;
    const Node *node = find(place.disk, place.name);
    *result = node && (flags != SQLITE_ACCESS_EXISTS || node->written.length > 0);
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *self, const char *path, int count, char *target) {
    (void)self;
    if (!mounted || place_of(path).is_simulated) return below->xFullPathname(below, path, count, target);
    while (*path == '/') path++;
    int length = snprintf(target, (size_t)count, PREFIX "%d.%u/%s", mounted->id, mounted->generation, path);
    return length < count ? SQLITE_OK : SQLITE_CANTOPEN;
}

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static int vfs_randomness(sqlite3_vfs *self, int count, char *target) {
    (void)self;
    if (!mounted) return below->xRandomness(below, count, target);
    for (int index = 0; index < count; index++) target[index] = (char)mix(mounted->seed++);
    return count;
}

static int vfs_sleep(sqlite3_vfs *self, int microseconds) {
    (void)self;
    if (!was_refused) return below->xSleep(below, microseconds);
    was_refused = false;
    return microseconds;
}

static int vfs_time_in_milliseconds(sqlite3_vfs *self, sqlite3_int64 *result) {
    (void)self;
    enter();
    const SimulatedDisk *disk = disk_of(clock_id);
    if (disk) *result = disk->state.now + JULIAN_EPOCH;
    leave();
    return disk ? SQLITE_OK : below->xCurrentTimeInt64(below, result);
}

static int vfs_time(sqlite3_vfs *self, double *result) {
    sqlite3_int64 milliseconds = 0;
    int code = vfs_time_in_milliseconds(self, &milliseconds);
    *result = (double)milliseconds / 86400000.0;
    return code;
}

/// All that is not about files, time or chance stays with the system's VFS, whose methods get their own object.
static void *vfs_dl_open(sqlite3_vfs *self, const char *name) { return (void)self, below->xDlOpen(below, name); }
static void vfs_dl_error(sqlite3_vfs *self, int count, char *text) { (void)self, below->xDlError(below, count, text); }
static void vfs_dl_close(sqlite3_vfs *self, void *library) { (void)self, below->xDlClose(below, library); }
static int vfs_last_error(sqlite3_vfs *self, int count, char *text) {
    return (void)self, below->xGetLastError ? below->xGetLastError(below, count, text) : 0;
}
typedef void (*Symbol)(void);
static Symbol vfs_dl_symbol(sqlite3_vfs *self, void *library, const char *name) {
    return (void)self, below->xDlSym(below, library, name);
}

static void register_once(void) {
    if (below) return;
    below = sqlite3_vfs_find(NULL);
    vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = below->szOsFile > (int)sizeof(Handle) ? below->szOsFile : (int)sizeof(Handle),
        .mxPathname = below->mxPathname,
        .zName = "simulated-disk",
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xDlOpen = vfs_dl_open,
        .xDlError = vfs_dl_error,
        .xDlSym = vfs_dl_symbol,
        .xDlClose = vfs_dl_close,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time_in_milliseconds,
    };
    sqlite3_vfs_register(&vfs, 1);
}

// The disk from outside

SimulatedDisk *simulated_disk_new(void) {
    if (sqlite3_initialize() != SQLITE_OK) return NULL;
    SimulatedDisk *disk = calloc(1, sizeof(SimulatedDisk));
    if (!disk) return NULL;
    enter();
    register_once();
    disk->id = ++last_id;
    disk->next = disks;
    disks = disk;
    leave();
    return disk;
}

SimulatedDisk *simulated_disk_copy(const SimulatedDisk *original) {
    SimulatedDisk *disk = simulated_disk_new();
    for (const Node *node = original->nodes; disk && node; node = node->next) {
        if (!node->is_linked) continue;
        Node *copy = make_node(disk, node->name);
        int64_t length = node->written.length;
        if (!copy || !resize(&copy->written, length) || !resize(&copy->synced, length)) abort();
        copy->is_linked = copy->is_durable = true;
        if (length == 0) continue;
        memcpy(copy->written.data, node->written.data, (size_t)length);
        memcpy(copy->synced.data, node->written.data, (size_t)length);
    }
    return disk;
}

void simulated_disk_free(SimulatedDisk *disk) {
    enter();
    SimulatedDisk **place = &disks;
    while (*place != disk) place = &(*place)->next;
    *place = disk->next;
    leave();
    if (mounted == disk) mounted = NULL;
    for (Node *node = disk->nodes; node; node = node->next) node->is_linked = node->is_durable = false;
    sweep(disk);
    disk->is_unplugged = true;
    if (disk->handles == 0) free(disk);
}

SimulatedDiskState *simulated_disk_state(SimulatedDisk *disk) { return &disk->state; }

SimulatedDisk *simulated_disk_mount(SimulatedDisk *disk) {
    SimulatedDisk *before = mounted;
    mounted = disk;
    if (!disk) return before;
    clock_id = disk->id;
    // SQLite has one generator for the process; this makes it begin anew from this disk's numbers.
    char byte;
    sqlite3_randomness(0, NULL);
    sqlite3_randomness(1, &byte);
    return before;
}

void simulated_disk_fail(
    SimulatedDisk *disk, int kind, bool lacks_room, bool is_short, uint64_t count, uint64_t times) {
    static const int codes[SIMULATED_KINDS] = {
        [SIMULATED_READ] = SQLITE_IOERR_READ,         [SIMULATED_WRITE] = SQLITE_IOERR_WRITE,
        [SIMULATED_SYNC] = SQLITE_IOERR_FSYNC,        [SIMULATED_OPEN] = SQLITE_CANTOPEN,
        [SIMULATED_TRUNCATE] = SQLITE_IOERR_TRUNCATE, [SIMULATED_DELETE] = SQLITE_IOERR_DELETE,
    };
    int code = lacks_room ? SQLITE_FULL : codes[kind];
    disk->faults[kind] = (Fault){.code = code, .count = count, .times = times, .is_short = is_short};
}

void simulated_disk_stop(SimulatedDisk *disk, uint64_t count) {
    disk->is_stopping = true;
    disk->operations_left = count;
}

bool simulated_disk_has_stopped(const SimulatedDisk *disk) { return disk->has_stopped; }

/// Puts new files in the place of the old ones, which their handles keep: nothing that those do reaches the new ones.
static void restart(SimulatedDisk *disk) {
    Node *old = disk->nodes;
    disk->nodes = NULL;
    while (old) {
        Node *next = old->next;
        Node *node = make_node(disk, old->name);
        if (!node) abort();
        node->is_linked = old->is_linked;
        node->is_durable = old->is_durable;
        node->written = old->written;
        node->synced = old->synced;
        node->dirty_from = old->dirty_from;
        node->dirty_to = old->dirty_to;
        memset(&old->written, 0, sizeof(Bytes));
        memset(&old->synced, 0, sizeof(Bytes));
        release(old);
        old = next;
    }
    sweep(disk);
    disk->generation++;
    disk->is_stopping = disk->has_stopped = false;
}

void simulated_disk_kill(SimulatedDisk *disk) { restart(disk); }

/// What is left of the bytes of one sector.
static void cut_sector(uint8_t *written, const uint8_t *synced, uint64_t random) {
    size_t tear = (random >> 2) % SECTOR;
    switch (random & 3) {
    case 0: memcpy(written, synced, SECTOR); break;
    case 1: memcpy(written, synced, tear); break;
    case 2: memcpy(written + tear, synced + tear, SECTOR - tear); break;
    default: break;
    }
}

static void cut_file(Node *node, uint64_t (*random)(void *), void *context) {
    int64_t before = node->synced.length, after = node->written.length, longest = before > after ? before : after;
    int64_t room = (longest + SECTOR - 1) / SECTOR * SECTOR, length = after;
    if (!reserve(&node->written, room) || !reserve(&node->synced, room)) abort();
    for (int64_t sector = 0; sector < room; sector += SECTOR) {
        uint8_t *written = node->written.data + sector;
        const uint8_t *synced = node->synced.data + sector;
        if (memcmp(written, synced, SECTOR) != 0) cut_sector(written, synced, random(context));
    }
    if (before != after) {
        uint64_t drawn = random(context);
        int64_t shortest = before < after ? before : after;
        int64_t between = shortest + (int64_t)((drawn >> 2) % (uint64_t)(longest - shortest));
        length = drawn % 3 == 0 ? before : drawn % 3 == 1 ? after : between;
    }
    node->written.length = longest;
    if (!resize(&node->written, length) || !resize(&node->synced, length)) abort();
    if (length > 0) memcpy(node->synced.data, node->written.data, (size_t)length);
    node->dirty_from = node->dirty_to = 0;
}

void simulated_disk_cut_power(SimulatedDisk *disk, uint64_t (*random)(void *context), void *context) {
    for (Node *node = disk->nodes; node; node = node->next) {
        if (node->is_linked == node->is_durable) continue;
        if (random(context) & 1) node->is_linked = node->is_durable;
    }
    // A name that was given to a new file, durably, is no longer the old one's.
    for (Node *node = disk->nodes; node; node = node->next) {
        for (Node *later = node->next; later; later = later->next)
            if (later->is_linked && strcmp(node->name, later->name) == 0) node->is_linked = false;
    }
    for (Node *node = disk->nodes; node; node = node->next) node->is_durable = node->is_linked;
    for (Node *node = disk->nodes; node; node = node->next)
        if (node->is_linked) cut_file(node, random, context);
    restart(disk);
}

const uint8_t *simulated_disk_bytes(const SimulatedDisk *disk, const char *name, int64_t *length) {
    while (*name == '/') name++;
    const Node *node = find(disk, name);
    *length = node ? node->written.length : 0;
    return !node ? NULL : node->written.data ? node->written.data : (const uint8_t *)"";
}
