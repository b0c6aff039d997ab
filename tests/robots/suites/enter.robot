*** Settings ***
Library    OperatingSystem
Library    Collections

*** Tasks ***
Enter The Item
    ${text}=    Get File    %{ROBOT_ITEM}
    ${item}=    Evaluate    json.loads($text)    modules=json
    Run Keyword If    not $item.get("customer")    Fail    BUSINESS field_missing: the customer
    Run Keyword If    $item["customer"] == "slow"    Sleep    60s
    Run Keyword If    $item["customer"] == "down"    Fail    the mainframe does not answer, key %{ROBOT_SECRET_HOST_KEY}
    ${output}=    Evaluate    json.dumps({"document": "M-" + $item["reference"]})    modules=json
    Create File    %{ROBOT_OUTPUT}    ${output}
