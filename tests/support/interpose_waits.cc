// Locks, condition variables, semaphores, sleeps and threads.

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdarg>

#include "tests/support/interpose.h"

using backline::guard::check;

BACKLINE_INTERPOSED int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  check("pthread_mutex_lock");
  return BACKLINE_REAL(pthread_mutex_lock)(mutex);
}

BACKLINE_INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  check("pthread_mutex_timedlock");
  return BACKLINE_REAL(pthread_mutex_timedlock)(mutex, until);
}

BACKLINE_INTERPOSED int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  check("pthread_rwlock_rdlock");
  return BACKLINE_REAL(pthread_rwlock_rdlock)(lock);
}

BACKLINE_INTERPOSED int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  check("pthread_rwlock_wrlock");
  return BACKLINE_REAL(pthread_rwlock_wrlock)(lock);
}

BACKLINE_INTERPOSED int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  check("pthread_cond_wait");
  return BACKLINE_REAL(pthread_cond_wait)(condition, mutex);
}

BACKLINE_INTERPOSED int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               const timespec* until) {
  check("pthread_cond_timedwait");
  return BACKLINE_REAL(pthread_cond_timedwait)(condition, mutex, until);
}

BACKLINE_INTERPOSED int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                                               clockid_t clock, const timespec* until) {
  check("pthread_cond_clockwait");
  return BACKLINE_REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
}

BACKLINE_INTERPOSED int sem_wait(sem_t* semaphore) {
  check("sem_wait");
  return BACKLINE_REAL(sem_wait)(semaphore);
}

BACKLINE_INTERPOSED int sem_timedwait(sem_t* semaphore, const timespec* until) {
  check("sem_timedwait");
  return BACKLINE_REAL(sem_timedwait)(semaphore, until);
}

BACKLINE_INTERPOSED int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  check("sem_clockwait");
  return BACKLINE_REAL(sem_clockwait)(semaphore, clock, until);
}

BACKLINE_INTERPOSED int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                       void* (*body)(void*), void* argument) noexcept {
  check("pthread_create");
  return BACKLINE_REAL(pthread_create)(thread, attributes, body, argument);
}

BACKLINE_INTERPOSED int pthread_join(pthread_t thread, void** result) {
  check("pthread_join");
  return BACKLINE_REAL(pthread_join)(thread, result);
}

BACKLINE_INTERPOSED int nanosleep(const timespec* duration, timespec* left) {
  check("nanosleep");
  return BACKLINE_REAL(nanosleep)(duration, left);
}

BACKLINE_INTERPOSED int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  check("clock_nanosleep");
  return BACKLINE_REAL(clock_nanosleep)(clock, flags, time, left);
}

BACKLINE_INTERPOSED int usleep(useconds_t microseconds) {
  check("usleep");
  return BACKLINE_REAL(usleep)(microseconds);
}

BACKLINE_INTERPOSED unsigned sleep(unsigned seconds) {
  check("sleep");
  return BACKLINE_REAL(sleep)(seconds);
}

// std::atomic::wait, std::latch and their like wait by a futex of their own.
BACKLINE_INTERPOSED long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const long command = arguments[1] & FUTEX_CMD_MASK;
  if (number == SYS_futex &&
      (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI)) {
    check("futex wait");
  }
  return BACKLINE_REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                                arguments[5]);
}
