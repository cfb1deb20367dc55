# Instead of production.hcl, where somebody waits for a new version.
template_config {
  exit_on_retry_failure         = true
  static_secret_render_interval = "10s"
}
