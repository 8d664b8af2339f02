#include "spfcheck/evaluation.h"

#include <algorithm>

#include "spfcheck/names.h"

namespace waypost::spfcheck {

Evaluation::Evaluation(Resolver& resolver, Query query, Limits limits)
    : resolver_(resolver),
      query_(std::move(query)),
      limits_(limits),
      client_(network_of(query_.ip, query_.ip.v6() ? 128 : 32)) {
  values_.ip = query_.ip;
  values_.sender = query_.sender;
  values_.helo = query_.helo;
  values_.receiver = query_.receiver;
  values_.time = query_.time;
}

void Evaluation::stop(SpfResult result, std::string why) {
  if (!stop_) stop_ = Stop{result, std::move(why)};
}

net::Task<> Evaluation::run() {
  result_.trace.domain = query_.domain;
  Verdict verdict = co_await check_domain(result_.trace);
  result_.result = stopped() ? stop_->result : verdict.result;
  result_.why = stopped() ? stop_->why : verdict.why;
  if (stopped()) co_return;
  result_.mechanism = std::move(verdict.mechanism);
  if (!result_.mechanism.empty()) result_.record_domain = verdict.trace->domain;
  if (verdict.result != SpfResult::fail || !verdict.exp) co_return;
  co_await explain(std::move(*verdict.exp), *verdict.trace);
}

Evaluation::Verdict Evaluation::ended(DomainTrace& trace, Verdict verdict) {
  trace.result = stopped() ? stop_->result : verdict.result;
  trace.why = stopped() ? stop_->why : verdict.why;
  if (verdict.trace == nullptr) verdict.trace = &trace;
  return verdict;
}

// RFC 7208 4.6.2: from left to right, the first that matches decides.
net::Task<Evaluation::Verdict> Evaluation::check_domain(DomainTrace& trace) {
  const std::optional<Record> record = co_await find_record(trace);
  Verdict verdict;
  verdict.why = trace.why;
  if (stopped() || !record) co_return ended(trace, std::move(verdict));
  announce(*record, trace.domain);
  trace.terms.reserve(record->mechanisms.size() + 2); // with redirect and exp
  for (const Mechanism& mechanism : record->mechanisms) {
    TermTrace& term = trace.terms.emplace_back();
    term.term = record->at(mechanism.place);
    term.place = mechanism.place;
    bool decides = false;
    if (costs_lookup(mechanism.kind)) {
      decides = co_await matches(mechanism, trace.domain, term);
    } else {
      decides = matches_at_once(mechanism, term);
    }
    if (stopped()) {
      term.trial = Trial::error;
      term.why = stop_->why;
      co_return ended(trace, std::move(verdict));
    }
    if (decides) co_return ended(trace, matched(*record, mechanism, trace));
  }
  if (record->redirect) {
    verdict = co_await follow(*record, trace);
    co_return ended(trace, std::move(verdict));
  }
  verdict.result = SpfResult::neutral; // 4.7
  verdict.why = "nothing in the record of " + trace.domain + " matches";
  co_return ended(trace, std::move(verdict));
}

Evaluation::Verdict Evaluation::matched(const Record& record, const Mechanism& mechanism,
                                        DomainTrace& trace) {
  TermTrace& term = trace.terms.back();
  term.trial = Trial::matched;
  Verdict verdict;
  verdict.mechanism = term.term;
  verdict.exp = record.exp;
  verdict.why = term.term + " in the record of " + trace.domain + " matches";
  if (!term.why.empty()) verdict.why += ": " + term.why;
  switch (mechanism.qualifier) {
  case Qualifier::pass: verdict.result = SpfResult::pass; break;
  case Qualifier::fail: verdict.result = SpfResult::fail; break;
  case Qualifier::softfail: verdict.result = SpfResult::softfail; break;
  case Qualifier::neutral: verdict.result = SpfResult::neutral; break;
  }
  return verdict;
}

// RFC 7208 4.3, 4.4. None and nothing stopped: there is no record; the trace says why.
net::Task<std::optional<Record>> Evaluation::find_record(DomainTrace& trace) {
  if (!is_checkable(trace.domain)) {
    trace.why = "\"" + trace.domain + "\" is no domain name that could have a record";
    co_return std::nullopt;
  }
  const net::DnsAnswer answer = co_await ask(trace.domain, net::DnsType::txt, trace.lookups);
  if (failed(answer, trace.lookups.back())) co_return std::nullopt;
  co_return select_record(answer, trace);
}

// RFC 7208 4.5.
std::optional<Record> Evaluation::select_record(const net::DnsAnswer& answer, DomainTrace& trace) {
  std::vector<std::string> texts;
  std::ranges::copy_if(answer.texts, std::back_inserter(texts), is_spf_record);
  if (texts.empty()) {
    const bool exists = answer.status != net::DnsStatus::no_name;
    trace.why = trace.domain + (exists ? " has no SPF record" : " does not exist");
    return std::nullopt;
  }
  if (texts.size() > 1) {
    stop(SpfResult::permerror, trace.domain + " has more than one SPF record");
    return std::nullopt;
  }
  trace.record = texts.front();
  std::expected<Record, RecordError> record = parse_record(trace.record);
  if (record) return std::move(*record);
  const Place place = record.error().place;
  stop(SpfResult::permerror, "\"" + trace.record.substr(place.at, place.length) +
                                 "\" in the record of " + trace.domain + ": " +
                                 record.error().text);
  return std::nullopt;
}

// RFC 7208 6.1: what is there decides, with its own exp; none there is a permerror.
net::Task<Evaluation::Verdict> Evaluation::follow(const Record& record, DomainTrace& trace) {
  TermTrace& term = trace.terms.emplace_back();
  term.term = record.at(record.redirect->place);
  term.place = record.redirect->place;
  Verdict verdict;
  bool good = charge(term);
  if (good) good = co_await set_target(&record.redirect->value, trace.domain, term);
  if (good) {
    term.inner = std::make_unique<DomainTrace>();
    term.inner->domain = term.target;
    verdict = co_await check_domain(*term.inner);
  }
  if (!stopped() && verdict.result == SpfResult::none)
    stop(SpfResult::permerror, term.term + ": " + (good ? verdict.why : term.why));
  term.trial = stopped() ? Trial::error : Trial::matched;
  if (stopped()) term.why = stop_->why;
  co_return verdict;
}

// RFC 7208 6.2: whatever is wrong with an explanation, there is just none.
net::Task<> Evaluation::explain(Modifier exp, DomainTrace& trace) {
  TermTrace& term = trace.terms.emplace_back();
  term.term = exp.name + "=" + exp.value.text;
  term.place = exp.place;
  const bool good = co_await set_target(&exp.value, trace.domain, term);
  if (good && is_name(term.target)) {
    result_.explanation = co_await explanation(term);
  }
  term.trial = result_.explanation.empty() ? Trial::no_match : Trial::matched;
}

net::Task<std::string> Evaluation::explanation(TermTrace& term) {
  const net::DnsAnswer answer = co_await ask(term.target, net::DnsType::txt, term.lookups);
  if (answer.texts.size() != 1) {
    term.why = term.target + " has no single TXT record";
    co_return std::string();
  }
  const auto text = parse_macros(answer.texts.front(), true);
  if (!text || !expandable(*text)) {
    term.why =
        "the text cannot be expanded: " + (text ? "local part not ASCII" : text.error().text);
    co_return std::string();
  }
  if (text->uses('p')) co_await find_validated(values_.domain, term.lookups);
  co_return expand(*text, values_);
}

} // namespace waypost::spfcheck
