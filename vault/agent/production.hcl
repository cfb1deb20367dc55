template_config {
  exit_on_retry_failure         = true # together with error_on_missing_key of each template: a missing key is an error and not an empty file
  static_secret_render_interval = "1m" # KV: how soon a new version is seen
}
