"""The web application: the carrier's webhooks, and the pages that the parent opens."""
