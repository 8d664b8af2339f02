// blocklog: a disk that remembers the order of everything written to it.
//
//   blocklog [-f] IMAGE LOG MOUNTPOINT
//
// Serves MOUNTPOINT/disk (FUSE), as large as IMAGE and kept in IMAGE. Each write and each flush (an
// fsync of the file: that is how the kernel's loop driver passes on REQ_OP_FLUSH, and a FUA write
// as a write and a flush) is appended to LOG before it is answered. So:
//   - the order of LOG is the order in which the disk took the requests (one thread serves them);
//   - the length of LOG is "now": whoever sees an fsync return and then reads the length of LOG
//     knows that everything that this fsync waited for stands before that position.
// A record is struct Record, little-endian as the machine is, then `length` bytes for a write.
// cut.py reads LOG and builds from it the images that a power cut could have left.
#define FUSE_USE_VERSION 35
#include <fuse3/fuse.h>

#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace {

constexpr char disk_path[] = "/disk";

struct Record {
  std::uint32_t kind;   // 'W' or 'F'
  std::uint32_t length; // bytes that follow; 0 for a flush
  std::uint64_t offset; // on the disk, in bytes
};
static_assert(sizeof(Record) == 16);

struct Disk {
  int image = -1;
  int log = -1;
  off_t size = 0;
};

// libfuse hands back the pointer given to fuse_main.
Disk& disk() {
  return *static_cast<Disk*>(fuse_get_context()->private_data);
}

// Half a record would make everything behind it unreadable: better no recording at all.
void append(const Disk& to, Record record, const char* bytes) {
  const iovec parts[] = {{&record, sizeof record}, {const_cast<char*>(bytes), record.length}};
  const ssize_t wanted = static_cast<ssize_t>(sizeof record + record.length);
  if (writev(to.log, parts, 2) != wanted) {
    std::perror("blocklog: log");
    std::abort();
  }
}

int get_attributes(const char* path, struct stat* st, fuse_file_info*) {
  std::memset(st, 0, sizeof *st);
  if (std::string_view(path) == "/") {
    st->st_mode = S_IFDIR | 0755;
    st->st_nlink = 2;
    return 0;
  }
  if (std::string_view(path) != disk_path) return -ENOENT;
  st->st_mode = S_IFREG | 0600;
  st->st_nlink = 1;
  st->st_size = disk().size;
  return 0;
}

int list(const char* path, void* entries, fuse_fill_dir_t add, off_t, fuse_file_info*,
         fuse_readdir_flags) {
  if (std::string_view(path) != "/") return -ENOENT;
  add(entries, disk_path + 1, nullptr, 0, fuse_fill_dir_flags{});
  return 0;
}

int open_disk(const char* path, fuse_file_info* file) {
  if (std::string_view(path) != disk_path) return -ENOENT;
  file->direct_io = 1; // no page cache between the loop device and this log
  return 0;
}

int read_disk(const char*, char* bytes, size_t length, off_t offset, fuse_file_info*) {
  const ssize_t got = pread(disk().image, bytes, length, offset);
  return got < 0 ? -errno : static_cast<int>(got);
}

int write_disk(const char*, const char* bytes, size_t length, off_t offset, fuse_file_info*) {
  if (offset + static_cast<off_t>(length) > disk().size) return -ENOSPC;
  append(disk(), {'W', static_cast<std::uint32_t>(length), static_cast<std::uint64_t>(offset)},
         bytes);
  const ssize_t put = pwrite(disk().image, bytes, length, offset);
  return put < 0 ? -errno : static_cast<int>(put);
}

int flush_disk(const char*, int, fuse_file_info*) {
  append(disk(), {'F', 0, 0}, nullptr);
  return 0;
}

// A disk has the size it has; truncation comes from open(O_TRUNC) of careless tools.
int keep_size(const char*, off_t, fuse_file_info*) {
  return -EPERM;
}

fuse_operations operations() {
  fuse_operations ops{};
  ops.getattr = get_attributes;
  ops.readdir = list;
  ops.open = open_disk;
  ops.read = read_disk;
  ops.write = write_disk;
  ops.fsync = flush_disk;
  ops.truncate = keep_size;
  return ops;
}

int open_or_exit(const char* path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd < 0) {
    std::fprintf(stderr, "blocklog: %s: %s\n", path, std::strerror(errno));
    std::exit(111);
  }
  return fd;
}

} // namespace

int main(int argc, char** argv) {
  const bool foreground = argc > 1 && std::string_view(argv[1]) == "-f";
  const int first = foreground ? 2 : 1;
  if (argc - first != 3) {
    std::fputs("usage: blocklog [-f] IMAGE LOG MOUNTPOINT\n", stderr);
    return 100;
  }
  Disk served;
  served.image = open_or_exit(argv[first], O_RDWR);
  served.log = open_or_exit(argv[first + 1], O_WRONLY | O_APPEND | O_CREAT);
  served.size = lseek(served.image, 0, SEEK_END);

  char single[] = "-s"; // one thread: the log has one order
  char stay[] = "-f";
  char* arguments[] = {argv[0], single, argv[first + 2], foreground ? stay : nullptr, nullptr};
  const fuse_operations ops = operations();
  return fuse_main(foreground ? 4 : 3, arguments, &ops, &served);
}
