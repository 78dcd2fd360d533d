//! Metrics as text: Prometheus' own form, and that of <https://openmetrics.io>.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue, header};
use prometheus::proto::{LabelPair, Metric, MetricFamily, MetricType};

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Prometheus' own.
    Text,
    /// That of <https://openmetrics.io>, version 1.0.0.
    OpenMetrics,
}

impl Format {
    /// The form that a client asks for: the one that it likes better, and Prometheus' own if it does not say.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let accept = headers.get_all(header::ACCEPT).iter();
        let ranges = accept
            .filter_map(|field| field.to_str().ok())
            .flat_map(|field| field.split(','));
        let (mut text, mut open) = (0.0, 0.0);
        for range in ranges {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight: f32 = weight.map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            match kind.as_str() {
                "application/openmetrics-text" => open = weight,
                "text/plain" | "text/*" | "*/*" => text = weight.max(text),
                _ => {}
            }
        }
        if open > 0.0 && open >= text {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// The type of the answer.
    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            Self::OpenMetrics => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
        })
    }
}

/// Writes families, which are in the order of their names.
pub(super) fn encode(families: &[MetricFamily], format: Format) -> String {
    let mut out = String::new();
    for family in families {
        write_family(family, format, &mut out);
    }
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn write_family(family: &MetricFamily, format: Format, out: &mut String) {
    let name = family.name();
    let kind = family.get_field_type();
    let head = match (format, kind) {
        (Format::OpenMetrics, MetricType::COUNTER) => name.strip_suffix("_total").unwrap_or(name),
        _ => name,
    };
    push_all(out, &["# HELP ", head, " "]);
    escape(family.help(), out);
    push_all(out, &["\n# TYPE ", head, " ", type_name(kind), "\n"]);
    for metric in family.get_metric() {
        match kind {
            MetricType::COUNTER => {
                let value = metric.get_counter().get_value();
                line(name, metric, None, &number(value, format), out);
            }
            MetricType::GAUGE => {
                let value = metric.get_gauge().get_value();
                line(name, metric, None, &number(value, format), out);
            }
            MetricType::HISTOGRAM => write_histogram(name, metric, format, out),
            MetricType::SUMMARY | MetricType::UNTYPED => {}
        }
    }
}

fn type_name(kind: MetricType) -> &'static str {
    match kind {
        MetricType::COUNTER => "counter",
        MetricType::GAUGE => "gauge",
        MetricType::HISTOGRAM => "histogram",
        MetricType::SUMMARY => "summary",
        MetricType::UNTYPED => "untyped",
    }
}

fn write_histogram(name: &str, metric: &Metric, format: Format, out: &mut String) {
    let histogram = metric.get_histogram();
    let bucket = format!("{name}_bucket");
    for one in histogram
        .get_bucket()
        .iter()
        .filter(|one| one.upper_bound().is_finite())
    {
        let bound = number(one.upper_bound(), format);
        let count = one.cumulative_count().to_string();
        line(&bucket, metric, Some(&bound), &count, out);
    }
    let count = histogram.get_sample_count().to_string();
    line(&bucket, metric, Some("+Inf"), &count, out);
    let sum = number(histogram.get_sample_sum(), format);
    line(&format!("{name}_sum"), metric, None, &sum, out);
    line(&format!("{name}_count"), metric, None, &count, out);
}

fn line(name: &str, metric: &Metric, bound: Option<&str>, value: &str, out: &mut String) {
    out.push_str(name);
    let labels = metric.get_label().iter();
    let labels = labels.map(|label: &LabelPair| (label.name(), label.value()));
    let mut before = "{";
    for (name, value) in labels.chain(bound.map(|bound| ("le", bound))) {
        push_all(out, &[before, name, "=\""]);
        escape_value(value, out);
        out.push('"');
        before = ",";
    }
    if before == "," {
        out.push('}');
    }
    push_all(out, &[" ", value, "\n"]);
}

/// A number as Go writes it, which has labels of buckets the same: `1.048576e+06`. In the other form, all have a point.
fn number(value: f64, format: Format) -> String {
    if !value.is_finite() {
        let infinite = if value > 0.0 { "+Inf" } else { "-Inf" };
        return if value.is_nan() { "NaN" } else { infinite }.into();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let mut plain = String::new();
    // Writing to a string cannot fail.
    let _ = write!(plain, "{value}");
    if format == Format::OpenMetrics && !plain.contains('.') {
        plain.push_str(".0");
    }
    plain
}

fn push_all(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
}

fn escape_value(text: &str, out: &mut String) {
    for part in text.split_inclusive('"') {
        match part.strip_suffix('"') {
            Some(part) => {
                escape(part, out);
                out.push_str("\\\"");
            }
            None => escape(part, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};
    use prometheus::core::Collector;
    use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};

    use super::{Format, encode, number};

    /// As Go's `FormatFloat(…, 'g', -1, 64)`, seen in what Caddy 2.11.4 answers.
    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.005, "0.005"),
            (0.000_022_372, "2.2372e-05"),
            (262_144.0, "262144"),
            (1_048_576.0, "1.048576e+06"),
            (1_795_700_824.767_033, "1.795700824767033e+09"),
            (1.844_674_407_370_955_2e19, "1.8446744073709552e+19"),
            (-2.5, "-2.5"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value, Format::Text), text);
        }
        assert_eq!(number(1.0, Format::OpenMetrics), "1.0");
        assert_eq!(number(0.5, Format::OpenMetrics), "0.5");
        assert_eq!(number(1_048_576.0, Format::OpenMetrics), "1.048576e+06");
    }

    #[test]
    fn labels_are_in_order_and_escaped() {
        let counter = IntCounterVec::new(Opts::new("a_total", "Two\nlines."), &["b", "a"]).unwrap();
        counter.with_label_values(&["\"q\"\\\n", "1"]).inc();
        assert_eq!(
            encode(&counter.collect(), Format::Text),
            "# HELP a_total Two\\nlines.\n# TYPE a_total counter\na_total{a=\"1\",b=\"\\\"q\\\"\\\\\\n\"} 1\n"
        );
        assert_eq!(
            encode(&counter.collect(), Format::OpenMetrics),
            "# HELP a Two\\nlines.\n# TYPE a counter\na_total{a=\"1\",b=\"\\\"q\\\"\\\\\\n\"} 1.0\n# EOF\n"
        );
    }

    #[test]
    fn a_histogram_has_its_buckets_the_last_of_which_is_infinite() {
        let opts = HistogramOpts::new("h", "H.").buckets(vec![1.0, 1_048_576.0]);
        let histogram = HistogramVec::new(opts, &[]).unwrap();
        histogram.with_label_values::<&str>(&[]).observe(2.5);
        assert_eq!(
            encode(&histogram.collect(), Format::Text),
            "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"1\"} 0\nh_bucket{le=\"1.048576e+06\"} 1\n\
             h_bucket{le=\"+Inf\"} 1\nh_sum 2.5\nh_count 1\n"
        );
    }

    #[test]
    fn the_form_is_the_one_that_the_client_likes_better() {
        for (accept, format) in [
            ("*/*", Format::Text),
            (
                "application/openmetrics-text; version=1.0.0",
                Format::OpenMetrics,
            ),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                Format::OpenMetrics,
            ),
            (
                "application/openmetrics-text;q=0.1, text/plain;q=1",
                Format::Text,
            ),
            ("application/openmetrics-text;q=x", Format::Text),
            ("application/vnd.google.protobuf", Format::Text),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Format::asked(&headers), format, "{accept}");
        }
        assert_eq!(Format::asked(&HeaderMap::new()), Format::Text);
    }
}
