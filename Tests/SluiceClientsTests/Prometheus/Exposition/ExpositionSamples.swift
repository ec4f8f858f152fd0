/// Texts as the collectors give them, shortened.
enum ExpositionSamples {
    static let nodeExporter = #"""
        # HELP go_gc_duration_seconds A summary of the wall-time pause duration in garbage collection cycles.
        # TYPE go_gc_duration_seconds summary
        go_gc_duration_seconds{quantile="0"} 1.6823e-05
        go_gc_duration_seconds{quantile="0.5"} 2.7582e-05
        go_gc_duration_seconds{quantile="1"} NaN
        go_gc_duration_seconds_sum 0.321
        go_gc_duration_seconds_count 7476
        # HELP go_info Information about the Go environment.
        # TYPE go_info gauge
        go_info{version="go1.24.1"} 1
        # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
        # TYPE node_cpu_seconds_total counter
        node_cpu_seconds_total{cpu="0",mode="idle"} 181411.87
        node_cpu_seconds_total{cpu="0",mode="iowait"} 109.64
        node_cpu_seconds_total{cpu="1",mode="idle"} 181414.75
        node_cpu_seconds_total{cpu="1",mode="iowait"} 98.4
        # HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.
        # TYPE node_filesystem_avail_bytes gauge
        node_filesystem_avail_bytes{device="/dev/sda1",device_error="",fstype="ext4",mountpoint="/"} 8.2678804480e+10
        node_filesystem_avail_bytes{device="C:\\",device_error="",fstype="ntfs",mountpoint="/mnt/\"c\""} 0
        # HELP node_scrape_collector_success node_exporter: Whether a collector succeeded.
        # TYPE node_scrape_collector_success gauge
        node_scrape_collector_success{collector="cpu"} 1
        node_scrape_collector_success{collector="zfs"} 0
        # HELP node_textfile_mtime_seconds Unixtime mtime of textfiles successfully read.
        # TYPE node_textfile_mtime_seconds untyped
        node_textfile_mtime_seconds{file="/var/lib/node_exporter/apt.prom"} 1.795e+09

        """#

    /// Its lines carry a time, and older versions group them by plugin instead of by name.
    static let fluentBit = """
        # HELP fluentbit_input_records_total Number of input records.
        # TYPE fluentbit_input_records_total counter
        fluentbit_input_records_total{name="tail.0"} 1000024 1524676748483
        # TYPE fluentbit_output_proc_records_total counter
        # TYPE fluentbit_output_retries_failed_total counter
        fluentbit_output_proc_records_total{name="es.0"} 1000024 1524676748483
        fluentbit_output_retries_failed_total{name="es.0"} 3 1524676748483
        fluentbit_output_proc_records_total{name="stdout.0"} 7 1524676748483
        fluentbit_output_retries_failed_total{name="stdout.0"} 0 1524676748483
        # HELP fluentbit_build_info Build version information.
        # TYPE fluentbit_build_info gauge
        fluentbit_build_info{hostname="node-1",version="3.2.4",os="linux"} 1795000000 1524676748483

        """

    /// Through its exporter: Filebeat itself speaks JSON.
    static let filebeat = """
        # HELP filebeat_harvester_open_files harvester
        # TYPE filebeat_harvester_open_files gauge
        filebeat_harvester_open_files 12
        # HELP filebeat_libbeat_output_events libbeat.output.events
        # TYPE filebeat_libbeat_output_events untyped
        filebeat_libbeat_output_events{type="acked"} 3.7101e+06
        filebeat_libbeat_output_events{type="dropped"} 0
        filebeat_libbeat_output_events{type="failed"} 24
        # HELP filebeat_up Target up
        # TYPE filebeat_up gauge
        filebeat_up 1

        """

    static let otelCollector = """
        # HELP otelcol_exporter_send_failed_log_records_total Number of log records in failed attempts to send. [Alpha]
        # TYPE otelcol_exporter_send_failed_log_records_total counter
        otelcol_exporter_send_failed_log_records_total{exporter="otlp",service_version="0.128.0"} 12
        otelcol_exporter_send_failed_log_records_total{exporter="debug",service_version="0.128.0"} 0
        # HELP otelcol_processor_batch_batch_send_size Number of units in the batch [Development]
        # TYPE otelcol_processor_batch_batch_send_size histogram
        otelcol_processor_batch_batch_send_size_bucket{processor="batch",le="10"} 33
        otelcol_processor_batch_batch_send_size_bucket{processor="batch",le="+Inf"} 40
        otelcol_processor_batch_batch_send_size_sum{processor="batch"} 512
        otelcol_processor_batch_batch_send_size_count{processor="batch"} 40
        # HELP target_info Target metadata
        # TYPE target_info gauge
        target_info{service_instance_id="627cc493-f310-47de-96bd-71410b7dec09",service_name="otelcol-contrib"} 1

        """

    /// Every type of OpenMetrics, without the `# EOF` at the end.
    static let openMetrics = #"""
        # TYPE go_goroutines gauge
        # HELP go_goroutines Goroutines
        go_goroutines{} 69
        # TYPE cpu_seconds counter
        # UNIT cpu_seconds seconds
        # HELP cpu_seconds CPU time \"used\"
        cpu_seconds_total{a="# {}"} 4.20072246e+06 # {trace_id="KOO5S4vxi0o"} 0.67
        cpu_seconds_created{a="# {}"} 1605281325.5
        # TYPE build info
        build_info{version="8.2.7"} 1
        build_info{version="8.2.8"} 1.0
        # TYPE phase stateset
        phase{phase="starting"} 0
        phase{phase="running"} 1
        # TYPE latency histogram
        latency_bucket{le="0.1"} 8 1520879607 # {} 0.054
        latency_bucket{le="1.0"} 11 1520879607 # {trace_id="x",span_id="y"} 0.67 1520879606.5
        latency_bucket{le="+Inf"} 17 1520879607
        latency_count 17 1520879607
        latency_sum -324789.3 1520879607
        # TYPE queue gaugehistogram
        queue_bucket{le="-1"} 42.0
        queue_bucket{le="+Inf"} 42.0
        queue_gcount 42.0
        queue_gsum 3289.3
        # TYPE rpc summary
        rpc{quantile="0.95"} 123.7
        rpc{quantile="0.99"} NaN
        rpc_sum 0.5
        rpc_count 3
        other 1

        """#
}
