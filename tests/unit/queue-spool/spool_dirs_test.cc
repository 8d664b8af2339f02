#include "queue/spool/spool_dirs.h"
#include "tests/unit/queue-spool/spool_message.h"

using namespace waypost;
using namespace waypost::test;
using namespace waypost::queue;

Test(spool_dirs, names_are_read_as_they_are_written) {
  struct Row {
    const char* name;
    bool good;
  };
  for (const Row& row :
       {Row{"0123456789abcdef.1763769600", true}, Row{"0123456789abcdef.b1.d.1763769600", true},
        Row{"0123456789abcdef.held", true}, Row{"0123456789abcdef", false},
        Row{"0123456789abcdef.", false}, Row{"0123456789abcdef.-5", false},
        Row{"0123456789abcdef.007", false}, Row{"0123456789abcdef.b1", false},
        Row{"0123456789abcdeF.1", false}, Row{"0123456789abcdef.99999999999999999999", false},
        Row{"x", false}}) {
    const auto parsed = parse_cur_name(row.name);
    cr_expect_eq(parsed.has_value(), row.good, "%s", row.name);
    if (parsed) cr_expect(cur_name(parsed->id, parsed->next) == row.name, "%s", row.name);
  }
}

Test(spool_dirs, only_one_program_has_the_spool) {
  SpoolFolder spool;
  RealFs fs;
  const auto first = SpoolDirs::open(fs, spool.path());
  cr_assert(first.has_value());
  cr_expect(!SpoolDirs::open(fs, spool.path()));
}

Test(spool_dirs, setting_aside_never_replaces) {
  SpoolFolder spool;
  RealFs fs;
  const auto dirs = SpoolDirs::open(fs, spool.path());
  cr_assert(dirs.has_value());
  for (const char* bytes : {"one", "two"}) {
    spool.write("/new/junk", bytes);
    cr_assert(dirs->set_aside(fs, dirs->fresh(), "junk", "because\nof it").has_value());
  }
  cr_expect(spool.read("/bad/junk") == "one");
  cr_expect(spool.read("/bad/junk~2") == "two");
  cr_expect(spool.read("/bad/junk.reason") == "because\\x0aof it\n", "a reason is one line: %s",
            spool.read("/bad/junk.reason").c_str());
  cr_expect(spool.names("/new").empty());
}
