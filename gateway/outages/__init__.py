"""What is silent or fails: the routes in and out, and the gateway itself. Each outage is told once over another route, and once
that it is over; whoever watches from outside sees a heartbeat.
"""
