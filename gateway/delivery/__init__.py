"""What leaves the gateway: cards and alarms are composed (pure), put in the outbox, sent by the edge."""
