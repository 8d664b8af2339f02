# The Debian 12 packages that waypost needs, one list a purpose. Nothing else names a package.

# To build every program.
DEPS := g++ make pkg-config \
        libuv1-dev libssl-dev libc-ares-dev \
        libtomlplusplus-dev libfmt-dev libidn2-dev \
        libsodium-dev libidn-dev libpsl-dev

# To make Debian packages. debian/control names those of the build once more; a test holds the two together.
DEB_DEPS := debhelper dpkg-dev

# To test: unit tests and fuzzers; then the private Debian root of the peers, network namespaces and
# tracing, certificates, disk images, shells; what verifies signatures (none of it is a server).
TEST_DEPS := libcriterion-dev clang-19 libclang-rt-19-dev \
             python3 python3-yaml python3-spf mmdebstrap iproute2 util-linux strace valgrind \
             openssl e2fsprogs xfsprogs btrfs-progs mount fuse3 libfuse3-dev zsh libgsasl-dev \
             python3-dkim python3-nacl opendkim-tools

# To check the style of code and manuals.
LINT_DEPS := clang-format-19 clang-tidy-19 mandoc

# To measure beside: libspf2. Postfix comes from the peers' root.
BENCH_DEPS := spfquery
