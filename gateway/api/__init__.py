"""The API for the family's own programs: JSON under ``/api/v1``, tokens with scopes, webhooks that tell of news.

request ─► token (`tokens`) ─► scope ─► query and body (`shapes`) ─► work ─► entry in the log ─► answer     (`door`)

Every call is declared once (`calls`); routes, checks of the input, the OpenAPI document (`openapi`) and docs/api.md are made from
that. What a call does is what the page does: the same functions, the same rules, the same entries.
"""
