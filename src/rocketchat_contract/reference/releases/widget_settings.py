"""What ``livechat/config`` tells of a workspace as it is installed, release by release."""

from __future__ import annotations

from rocketchat_contract.reference.call import JsonObject

SETTINGS: JsonObject = {
    "registrationForm": True,
    "allowSwitchingDepartments": True,
    "nameFieldRegistrationForm": True,
    "emailFieldRegistrationForm": True,
    "displayOfflineForm": True,
    "videoCall": False,
    "fileUpload": True,
    "language": "",
    "transcript": False,
    "historyMonitorType": "url",
    "forceAcceptDataProcessingConsent": False,
    "showConnecting": False,
    "agentHiddenInfo": False,
}
"""Of 3.4; what later releases added comes behind."""

THEME: JsonObject = {
    "title": "Rocket.Chat",
    "color": "#C1272D",
    "offlineTitle": "Leave a message",
    "offlineColor": "#666666",
}

OLD_ACTIONS = [
    {"icon": "icon-videocam", "i18nLabel": "Accept", "method_id": "createLivechatCall", "params": ""},
    {"icon": "icon-cancel", "i18nLabel": "Decline", "method_id": "denyLivechatCall", "params": ""},
]

JITSI = [{"icon": "icon-videocam", "i18nLabel": "Accept"}, {"icon": "icon-cancel", "i18nLabel": "Decline"}]

WEBRTC = [
    {
        "actionLinksAlignment": "flex-start",
        "i18nLabel": "Join_call",
        "label": "Join call",
        "method_id": "joinLivechatWebRTCCall",
    },
    {"i18nLabel": "End_call", "label": "End call", "method_id": "endLivechatWebRTCCall", "danger": True},
]

RESOURCES: JsonObject = {"sound": "http://127.0.0.1/sounds/chime.mp3", "emojis": []}
