#ifndef SLUICE_CURL_SHIM_H
#define SLUICE_CURL_SHIM_H

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Swift cannot call variadic functions. Each wrapper fixes the type of the last argument; the parentheses around the
// name step around libcurl's type-check macro, which the importer cannot follow.

static inline CURLcode sluice_easy_set_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode sluice_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode sluice_easy_set_string(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode sluice_easy_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode sluice_easy_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// libcurl keeps a copy of the bytes.
static inline CURLcode sluice_easy_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return (curl_easy_setopt)(easy, option, &blob);
}

// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, which share this type.
static inline CURLcode sluice_easy_set_callback(CURL *easy, CURLoption option, curl_write_callback value) {
    return (curl_easy_setopt)(easy, option, value);
}

// How many unanswered TCP probes make a connection dead; the system's own default is nine. Libraries before 8.9 have no
// option for it.
#define SLUICE_KEEPALIVE_PROBES 3

static inline int sluice_prepare_socket(void *context, curl_socket_t descriptor, curlsocktype purpose) {
    (void)context;
    (void)purpose;
    int probes = SLUICE_KEEPALIVE_PROBES;
    // Without it a dead connection is noticed later, which is no reason to have none.
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

// Without it a program that we run inherits our connections, and a silent connection lives for minutes after its end.
static inline CURLcode sluice_easy_prepare_sockets(CURL *easy) {
    return (curl_easy_setopt)(easy, CURLOPT_SOCKOPTFUNCTION, sluice_prepare_socket);
}

// Removing a handle must not wait for a name that is still being resolved. Libraries before 7.87 do not know the
// option; there a cancelled request may wait for the resolver, which is slow and not wrong.
static inline void sluice_easy_exit_quickly(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    (void)(curl_easy_setopt)(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
#endif
}

static inline CURLcode sluice_easy_get_long(CURL *easy, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode sluice_easy_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode sluice_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLcode sluice_global_init(void) {
    return curl_global_init(CURL_GLOBAL_ALL);
}

static inline const curl_version_info_data *sluice_library_version(void) {
    return curl_version_info(CURLVERSION_NOW);
}

// glibc declares these three only for _GNU_SOURCE, which the importer does not set.
extern int pipe2(int descriptors[2], int flags);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int sluice_pipe(int descriptors[2]) {
    return pipe2(descriptors, O_CLOEXEC);
}

static inline int sluice_spawn_in_folder(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

// libcurl opens descriptors of its own that are not close-on-exec.
static inline int sluice_spawn_without_descriptors(posix_spawn_file_actions_t *actions) {
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

// A descriptor that becomes readable when the process ends; -1 with errno where the kernel has none (before 5.3).
static inline int sluice_process_descriptor(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    (void)process;
    errno = ENOSYS;
    return -1;
#endif
}

// State of the signal handler. Each object file that uses these functions has a copy of its own: exactly one Swift
// file may call them (SignalPipe.swift).
static int sluice_signal_descriptor = -1;
static int sluice_signal_count = 0;

// The engine cannot see a signal during fsync or while stdout is full, so the second one ends the process here.
// Calls only what is safe in a signal handler: write and _exit.
static inline void sluice_signal_arrived(int number) {
    int saved = errno;
    if (__atomic_add_fetch(&sluice_signal_count, 1, __ATOMIC_SEQ_CST) > 1) {
        _exit(128 + number);
    }
    unsigned char byte = (unsigned char)number;
    ssize_t written = write(__atomic_load_n(&sluice_signal_descriptor, __ATOMIC_SEQ_CST), &byte, 1);
    (void)written;
    errno = saved;
}

// From now on the first signal writes its number as one byte to the descriptor.
static inline void sluice_signals_go_to(int descriptor) {
    __atomic_store_n(&sluice_signal_descriptor, descriptor, __ATOMIC_SEQ_CST);
    __atomic_store_n(&sluice_signal_count, 0, __ATOMIC_SEQ_CST);
}

static inline int sluice_catch_signal(int number) {
    struct sigaction action = {0};
    action.sa_handler = sluice_signal_arrived;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}

static inline int sluice_release_signal(int number) {
    struct sigaction action = {0};
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}

static inline int sluice_ignore_broken_pipes(void) {
    struct sigaction action = {0};
    action.sa_handler = SIG_IGN;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGPIPE, &action, NULL);
}

#endif
