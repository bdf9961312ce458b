# SPDX-License-Identifier: BSD-3-Clause
"""Who waits for what, from a report of deadlock=report."""
import re

from tools.see.frames import PROGRAM, shown

# The lock word of the C library's mutexes (src/internal/pthread_impl.h): a tid
# and flags; EBUSY where it is one that does not say who has it.
TID, EBUSY = 0x3fffffff, 16
MUTEX_LOCK_OFFSET = 4
THREAD_BYTES = 512      # no less than struct pthread has
WRITER = 0x7fffffff     # of a lock of readers and writers

# sizeof what musl calls pthread_mutex_t, pthread_rwlock_t, sem_t
# (arch/x86_64/bits/alltypes.h.in, include/semaphore.h)
OBJECT_BYTES = {"mutex": 40, "lock": 56, "semaphore": 32, "futex": 4}

FILES = {"pipe": "a pipe", "eventfd": "an eventfd", "timerfd": "a timer's file",
         "unix": "a socket", "socket": "a socket", "signalfd": "a signal's file",
         "epoll": "an epoll", "fifo": "a FIFO", "recordlock": "a file's lock",
         "tty": "a terminal", "poll": "one of several files"}

CALLS = {"pause": "a signal", "rt_sigsuspend": "a signal",
         "rt_sigtimedwait": "a signal", "flock": "a file's lock",
         "poll": "one of several files", "ppoll": "one of several files",
         "select": "one of several files", "pselect6": "one of several files",
         "epoll_wait": "an epoll", "epoll_pwait": "an epoll",
         "epoll_pwait2": "an epoll"}


class Thread:
    def __init__(self, number, label, tid, tls, image):
        self.number, self.tid, self.tls = number, tid, tls
        self.label, self.addresses = label, []
        self.word = self.values = self.libos_holder = None
        self.image = image
        self.holder = None      # a Thread
        self.frames = []

    @property
    def name(self):
        return f"thread {self.number} ({self.label})"


def parse(lines, image):
    threads = []
    for line in lines:
        if found := re.match(r"  thread (\d+) \((.*)\), number (\d+) at "
                             r"0x([0-9a-f]+), sleeps", line):
            label = found[2]
            if re.fullmatch("0x[0-9a-f]+", label):
                label = image.function(int(label, 16)) or label
            threads.append(Thread(int(found[1]), label, int(found[3]),
                                  int(found[4], 16), image))
        elif not threads:
            continue
        elif found := re.match(r"  for a mutex that (?:thread (\d+)|nobody)",
                               line):
            threads[-1].libos_holder = int(found[1] or 0)
        elif found := re.match(r"  for the word at 0x(\w+): (\w+), (\w+), "
                               r"(\w+)", line):
            threads[-1].word = int(found[1], 16)
            threads[-1].values = [int(found[i], 16) for i in (2, 3, 4)]
        elif found := re.match(r"  #\d+ +0x([0-9a-f]+)", line):
            threads[-1].addresses.append(int(found[1], 16) - 1)
    return threads


def with_tid(threads, tid):
    return next((thread for thread in threads if thread.tid == tid), None)


def called(frames):
    """The functions on the way from the program's innermost one to the sleep,
    and the sources that have them."""
    names, sources = [], []
    for frame in frames:
        if frame.owner == PROGRAM:
            break
        names.append(frame.function)
        sources.append(frame.place.rpartition("/")[2].partition(".")[0])
    return names, sources


def object_words(kind, address, image):
    name = image.object(address, OBJECT_BYTES[kind])
    return f"{kind} {name or hex(address)}"


def held_by(thread, holder):
    if holder is None:
        return ", held by a thread that is gone"
    thread.holder = holder
    if holder is thread:
        return ", which it holds itself"
    return f", held by {holder.name}"


def mutex_words(thread, threads):
    lock, place, taker = thread.values
    words = object_words("mutex", thread.word - MUTEX_LOCK_OFFSET, thread.image)
    if lock == 0:
        return words + ", which nobody holds"
    tid = lock & TID if lock & TID != EBUSY else 0
    if with_tid(threads, taker):
        tid = tid or taker
    elif tid == 0:
        return words
    words += held_by(thread, with_tid(threads, tid))
    taken = thread.image.frames(place - 1)[0] if taker == tid else None
    if taken and taken.owner == PROGRAM and taken.place:
        words += f" since {taken.place}"
    return words


def stream_words(thread, threads):
    tid = thread.values[0] & TID
    return "a stream's lock" + held_by(thread, with_tid(threads, tid))


def rwlock_words(thread, threads):
    value = thread.values[0] & WRITER
    by = "a writer" if value == WRITER else \
        f"{value} reader{'s' if value > 1 else ''}"
    return object_words("lock", thread.word, thread.image) + f", held by {by}"


def join_words(thread, threads):
    for other in threads:
        if other.tls <= thread.word < other.tls + THREAD_BYTES:
            thread.holder = other
            return f"{other.name} to end"
    return "a thread to end"


def words_for(thread, threads):
    """What (thread) waits for."""
    names, sources = called(thread.frames)
    joined = " ".join(names)
    if thread.libos_holder is not None:
        holder = next((other for other in threads
                       if other.number == thread.libos_holder), None)
        if holder is None:
            return "a mutex of the libOS"
        return "a mutex of the libOS" + held_by(thread, holder)
    if thread.word is not None:
        for part, function in (("pthread_mutex_", mutex_words),
                               ("__lockfile", stream_words),
                               ("pthread_rwlock_", rwlock_words),
                               ("timedjoin", join_words)):
            if part in joined:
                return function(thread, threads)
        if "sem_" in joined:
            return object_words("semaphore", thread.word, thread.image)
        for part, kind in (("pthread_cond_", "a condition variable"),
                           ("pthread_barrier_", "a barrier"),
                           ("pthread_once", "pthread_once() in another thread"),
                           ("__lock", "a lock of the C library")):
            if part in joined:
                return kind
        return object_words("futex", thread.word, thread.image)
    for source in sources:
        for part, kind in FILES.items():
            if source.startswith(part):
                return kind
    for name in names:
        call = name.removeprefix("eft_sys_")
        if call != name:
            return CALLS.get(call, f"{call}()")
    return "what nobody knows"


def circles(threads):
    """Each once, as words, from its lowest number on."""
    found = {}
    for thread in threads:
        path = []
        while thread is not None and thread not in path:
            path.append(thread)
            thread = thread.holder
        if thread is None:
            continue
        circle = path[path.index(thread):]
        first = circle.index(min(circle, key=lambda one: one.number))
        circle = circle[first:] + circle[:first]
        numbers = tuple(one.number for one in circle)
        found[numbers] = " -> ".join(f"thread {n}" for n in
                                     numbers + numbers[:1])
    return [found[key] for key in sorted(found)]


def numbers_words(numbers):
    """thread 1; threads 2 and 5; threads 2 to 9; threads 2, 4 and 7"""
    if len(numbers) == 1:
        return f"thread {numbers[0]}"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"threads {numbers[0]} to {numbers[-1]}"
    most = ", ".join(map(str, numbers[:-1]))
    return f"threads {most} and {numbers[-1]}"


def tell(lines, image):
    """Yield the lines that say it."""
    threads = parse(lines, image)
    image.look_up(address for thread in threads
                  for address in thread.addresses)
    groups = {}
    for thread in threads:
        thread.frames = [frame for address in thread.addresses
                         for frame in image.frames(address)]
        words = words_for(thread, threads)
        stack = tuple(shown(thread.frames, says_call=False))
        groups.setdefault((words, thread.label, stack), []).append(
            thread.number)
    for circle in circles(threads):
        yield f"  {circle}"
    for (words, label, stack), numbers in groups.items():
        verb = "waits" if len(numbers) == 1 else "wait"
        yield f"{numbers_words(numbers)} ({label}) {verb} for {words}"
        for line in stack:
            yield f"  {line}"
