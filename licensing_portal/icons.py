"""The drawings that stand beside words: outlines on a 16-unit grid, drawn in the text's colour."""

ICONS = {
    "check": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.3 1.5"/>',
    "close": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "device": '<path d="M2.5 3.5h11v7h-11zM5.5 13.5h5M8 10.5v3"/>',
    "download": '<path d="M8 2.5V10M4.8 7L8 10.2 11.2 7M2.8 13.3h10.4"/>',
    "eye": (
        '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z"/>'
        '<circle cx="8" cy="8" r="1.8"/>'
    ),
    "hook": (
        '<circle cx="3.7" cy="11.8" r="1.7"/><circle cx="12.3" cy="11.8" r="1.7"/>'
        '<circle cx="8" cy="3.7" r="1.7"/><path d="M8 5.4L4.7 10.4M5.4 11.8h5.2M8.9 5.1l2.6 5.2"/>'
    ),
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.5M8 5.1v.01"/>',
    "key": '<circle cx="5" cy="11" r="2.7"/><path d="M7 9l6.2-6.2M11 5l2 2M8.8 7.2l1.2 1.2"/>',
    "leave": '<path d="M6.5 2.5h-4v11h4M6 8h7.5M10.7 5.2L13.5 8l-2.8 2.8"/>',
    "mail": '<path d="M2 3.5h12v9H2zM2.3 4l5.7 4.6L13.7 4"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "offline": (
        '<path d="M2 2l12 12M4.8 8.9a4.6 4.6 0 0 1 2-1.2M2.5 6.3a8 8 0 0 1 2.4-1.6'
        'M13.5 6.3a8 8 0 0 0-5.9-2.2M8 12.6h.01"/>'
    ),
    "overview": ('<path d="M2.5 2.5H7V7H2.5zM9.5 2.5h4v3h-4zM9.5 8h4v5.5h-4zM2.5 9.5H7v4H2.5z"/>'),
    "pause": '<circle cx="8" cy="8" r="6"/><path d="M6.5 6v4M9.5 6v4"/>',
    "person": (
        '<circle cx="8" cy="5.3" r="2.8"/>'
        '<path d="M2.7 13.8c.3-2.7 2.5-4.2 5.3-4.2s5 1.5 5.3 4.2"/>'
    ),
    "shield": (
        '<path d="M8 1.8l5 1.9v4c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5v-4zM5.8 8l1.6 1.6 3-3.2"/>'
    ),
    "stop": '<circle cx="8" cy="8" r="6"/><path d="M3.8 12.2l8.4-8.4"/>',
    "switch": '<path d="M5 6.2l3-3 3 3M5 9.8l3 3 3-3"/>',
    "tag": (
        '<path d="M8.2 2.5h4.3a1 1 0 0 1 1 1v4.3L8 13.3a1 1 0 0 1-1.4 0L2.7 9.4a1 1 0 0 1 0-1.4z"/>'
        '<circle cx="10.7" cy="5.3" r=".9"/>'
    ),
    "team": (
        '<circle cx="6" cy="5.3" r="2.5"/><path d="M1.8 13.5c0-2.4 1.9-3.9 4.2-3.9s4.2 1.5 4.2 3.9'
        'M10.6 3a2.4 2.4 0 0 1 0 4.6M12 9.9c1.4.5 2.2 1.8 2.2 3.6"/>'
    ),
    "warning": '<path d="M8 2.2l6.3 11.3H1.7zM8 6.5v3.3M8 11.7v.01"/>',
}

# Statuses have a finer grid and their own shapes: told apart without their colour.
MARKS = {
    "active": (
        '<circle cx="6" cy="6" r="5.5" fill="currentColor" stroke="none"/>'
        '<path class="k" d="M3.6 6.2l1.7 1.7 3.2-3.6"/>'
    ),
    "pending": '<circle cx="6" cy="6" r="4.7" stroke-dasharray="2.2 2.7"/>',
    "in-grace": (
        '<circle cx="6" cy="6" r="4.7"/>'
        '<path d="M6 1.3a4.7 4.7 0 0 1 0 9.4z" fill="currentColor" stroke="none"/>'
    ),
    "inactive": '<circle cx="6" cy="6" r="4.7"/><path d="M4.8 4.4v3.2M7.2 4.4v3.2"/>',
    "suspended": '<circle cx="6" cy="6" r="4.7"/><path d="M2.9 9.1l6.2-6.2"/>',
    "expired": '<circle cx="6" cy="6" r="4.7"/><path d="M6 3.3V6l1.8 1.2"/>',
    "revoked": (
        '<circle cx="6" cy="6" r="5.5" fill="currentColor" stroke="none"/>'
        '<path class="k" d="M4.2 4.2l3.6 3.6M7.8 4.2L4.2 7.8"/>'
    ),
}
