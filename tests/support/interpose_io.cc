// Files, sockets, waiting on them, mappings, and the stdio functions through which programs log.

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>

#include "tests/support/interpose.h"

// The declarations in <stdio.h> and <fcntl.h> name these functions with attributes that a definition cannot
// repeat.
#undef putc
#undef putchar

using backline::guard::check;

namespace {

mode_t modeOf(int flags, va_list list) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
}

}  // namespace

BACKLINE_INTERPOSED ssize_t read(int fd, void* to, size_t bytes) {
  check("read");
  return BACKLINE_REAL(read)(fd, to, bytes);
}

BACKLINE_INTERPOSED ssize_t readv(int fd, const iovec* parts, int count) {
  check("readv");
  return BACKLINE_REAL(readv)(fd, parts, count);
}

BACKLINE_INTERPOSED ssize_t write(int fd, const void* from, size_t bytes) {
  check("write");
  return BACKLINE_REAL(write)(fd, from, bytes);
}

BACKLINE_INTERPOSED ssize_t writev(int fd, const iovec* parts, int count) {
  check("writev");
  return BACKLINE_REAL(writev)(fd, parts, count);
}

BACKLINE_INTERPOSED ssize_t recv(int fd, void* to, size_t bytes, int flags) {
  check("recv");
  return BACKLINE_REAL(recv)(fd, to, bytes, flags);
}

BACKLINE_INTERPOSED ssize_t recvmsg(int fd, msghdr* message, int flags) {
  check("recvmsg");
  return BACKLINE_REAL(recvmsg)(fd, message, flags);
}

BACKLINE_INTERPOSED ssize_t send(int fd, const void* from, size_t bytes, int flags) {
  check("send");
  return BACKLINE_REAL(send)(fd, from, bytes, flags);
}

BACKLINE_INTERPOSED ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  check("sendmsg");
  return BACKLINE_REAL(sendmsg)(fd, message, flags);
}

BACKLINE_INTERPOSED int poll(pollfd* entries, nfds_t count, int milliseconds) {
  check("poll");
  return BACKLINE_REAL(poll)(entries, count, milliseconds);
}

BACKLINE_INTERPOSED int ppoll(pollfd* entries, nfds_t count, const timespec* limit, const sigset_t* mask) {
  check("ppoll");
  return BACKLINE_REAL(ppoll)(entries, count, limit, mask);
}

BACKLINE_INTERPOSED int select(int count, fd_set* reading, fd_set* writing, fd_set* failing, timeval* limit) {
  check("select");
  return BACKLINE_REAL(select)(count, reading, writing, failing, limit);
}

BACKLINE_INTERPOSED int epoll_wait(int fd, epoll_event* events, int count, int milliseconds) {
  check("epoll_wait");
  return BACKLINE_REAL(epoll_wait)(fd, events, count, milliseconds);
}

BACKLINE_INTERPOSED int epoll_pwait(int fd, epoll_event* events, int count, int milliseconds,
                                    const sigset_t* mask) {
  check("epoll_pwait");
  return BACKLINE_REAL(epoll_pwait)(fd, events, count, milliseconds, mask);
}

BACKLINE_INTERPOSED int open(const char* path, int flags, ...) {
  check("open");
  va_list list;
  va_start(list, flags);
  const mode_t mode = modeOf(flags, list);
  va_end(list);
  return BACKLINE_REAL(open)(path, flags, mode);
}

BACKLINE_INTERPOSED int open64(const char* path, int flags, ...) {
  check("open64");
  va_list list;
  va_start(list, flags);
  const mode_t mode = modeOf(flags, list);
  va_end(list);
  return BACKLINE_REAL(open64)(path, flags, mode);
}

BACKLINE_INTERPOSED int openat(int directory, const char* path, int flags, ...) {
  check("openat");
  va_list list;
  va_start(list, flags);
  const mode_t mode = modeOf(flags, list);
  va_end(list);
  return BACKLINE_REAL(openat)(directory, path, flags, mode);
}

BACKLINE_INTERPOSED int fsync(int fd) {
  check("fsync");
  return BACKLINE_REAL(fsync)(fd);
}

BACKLINE_INTERPOSED void* mmap(void* address, size_t bytes, int protection, int flags, int fd,
                               off_t offset) noexcept {
  check("mmap");
  return BACKLINE_REAL(mmap)(address, bytes, protection, flags, fd, offset);
}

BACKLINE_INTERPOSED int munmap(void* address, size_t bytes) noexcept {
  check("munmap");
  return BACKLINE_REAL(munmap)(address, bytes);
}

BACKLINE_INTERPOSED FILE* fopen(const char* path, const char* mode) {
  check("fopen");
  return BACKLINE_REAL(fopen)(path, mode);
}

BACKLINE_INTERPOSED int fflush(FILE* file) {
  check("fflush");
  return BACKLINE_REAL(fflush)(file);
}

BACKLINE_INTERPOSED size_t fwrite(const void* from, size_t bytes, size_t count, FILE* file) {
  check("fwrite");
  return BACKLINE_REAL(fwrite)(from, bytes, count, file);
}

BACKLINE_INTERPOSED int fputs(const char* text, FILE* file) {
  check("fputs");
  return BACKLINE_REAL(fputs)(text, file);
}

BACKLINE_INTERPOSED int puts(const char* text) {
  check("puts");
  return BACKLINE_REAL(puts)(text);
}

BACKLINE_INTERPOSED int fputc(int character, FILE* file) {
  check("fputc");
  return BACKLINE_REAL(fputc)(character, file);
}

BACKLINE_INTERPOSED int putc(int character, FILE* file) {
  check("putc");
  return BACKLINE_REAL(putc)(character, file);
}

BACKLINE_INTERPOSED int putchar(int character) {
  check("putchar");
  return BACKLINE_REAL(putchar)(character);
}

BACKLINE_INTERPOSED int vfprintf(FILE* file, const char* format, va_list list) {
  check("vfprintf");
  return BACKLINE_REAL(vfprintf)(file, format, list);
}

BACKLINE_INTERPOSED int vprintf(const char* format, va_list list) {
  check("vprintf");
  return BACKLINE_REAL(vfprintf)(stdout, format, list);
}

BACKLINE_INTERPOSED int fprintf(FILE* file, const char* format, ...) {
  check("fprintf");
  va_list list;
  va_start(list, format);
  const int written = BACKLINE_REAL(vfprintf)(file, format, list);
  va_end(list);
  return written;
}

BACKLINE_INTERPOSED int printf(const char* format, ...) {
  check("printf");
  va_list list;
  va_start(list, format);
  const int written = BACKLINE_REAL(vfprintf)(stdout, format, list);
  va_end(list);
  return written;
}
